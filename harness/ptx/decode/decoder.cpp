// Decoder: finds an entry and what it calls, and has them decoded.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/decoder.h"

#include "harness/ptx/decode/body_decoder.h"
#include "harness/ptx/decode/call_graph.h"
#include "harness/ptx/decode/contract.h"

#include <utility>

namespace attest::ptx {

Result<std::shared_ptr<const Program>> decode(const Module& module,
                                              std::string_view name,
                                              std::string_view entry,
                                              const DecodeOptions& options) {
  if (options.contracts) {
    DecodeOptions as_written = options;
    as_written.contracts = false;
    return decode(contracted(module), name, entry, as_written);
  }
  for (const Function& f : module.functions) {
    if (!f.is_entry || f.name != entry || !f.body) continue;
    const CallGraph calls(module);
    ATTEST_TRY(const std::vector<const Function*> functions, calls.order(f, name));
    BodyDecoder decoder(module, name, calls, functions, options);
    ATTEST_TRY(const Done done, decoder.decode());
    (void)done;
    return std::shared_ptr<const Program>(std::make_shared<Program>(decoder.take()));
  }
  return Error{Code::bad_input, "no entry '" + std::string(entry) + "'", std::string(name)};
}

std::vector<EntryInfo> inspect(const Module& module, std::string_view name) {
  // Each entry looks at every variable, and at all that it calls: of many entries only so much.
  constexpr std::size_t kMaxWork = std::size_t{1} << 25;
  std::size_t work = 0;
  std::vector<EntryInfo> entries;
  const DecodeOptions options;
  const CallGraph calls(module);
  for (const Function& f : module.functions) {
    if (!f.is_entry || !f.body) continue;
    EntryInfo info;
    info.name = f.name;
    work += module.variables.size() + module.functions.size();
    if (work > kMaxWork) {
      info.is_inspected = false;
      info.unsupported.push_back({f.position.line,
                                  f.position.column,
                                  "",
                                  "was not looked at: the module has too many entries, variables "
                                  "and functions"});
      entries.push_back(std::move(info));
      continue;
    }
    auto functions = calls.order(f, name);
    if (!functions) {
      info.unsupported.push_back(
          {f.position.line, f.position.column, "call", functions.error().to_string()});
      functions = std::vector<const Function*>{&f};
    }
    BodyDecoder decoder(module, name, calls, *functions, options);
    decoder.collect(&info.unsupported);
    if (auto done = decoder.decode(); !done) {
      info.unsupported.push_back({0, 0, "", done.error().to_string()});
    }
    const Program program = decoder.take();
    work += program.code.size();
    info.parameters = program.parameters;
    info.static_shared_bytes = program.static_shared_bytes;
    for (const BlockInfo& b : program.blocks)
      info.instructions += b.instructions;
    entries.push_back(std::move(info));
  }
  return entries;
}

}  // namespace attest::ptx
