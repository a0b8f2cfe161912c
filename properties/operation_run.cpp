// One launch of a kernel that is not attention, its operands and its outputs.
// SPDX-License-Identifier: Apache-2.0
#include "properties/operation_run.h"

#include "harness/base/check.h"
#include "harness/base/rng.h"
#include "harness/executor/ptx_executor.h"

#include <fmt/format.h>

#include <algorithm>

namespace attest {
namespace {

template <class Value>
HostTensor fill(const TensorLayout& layout, std::uint64_t seed, const Value& value) {
  HostTensor tensor = poisoned_tensor(layout);
  std::uint64_t index = 0;
  for (std::int64_t b = 0; b < layout.shape[0]; ++b) {
    for (std::int64_t h = 0; h < layout.shape[1]; ++h) {
      for (std::int64_t r = 0; r < layout.shape[2]; ++r) {
        for (std::int64_t c = 0; c < layout.shape[3]; ++c) {
          const double x = value(random_bits(seed, 0, index++));
          tensor.set_bits(b, h, r, c, encode(layout.dtype, x));
        }
      }
    }
  }
  return tensor;
}

}  // namespace

OperationAnswer run_operation(const OperationSpec& spec,
                              const Operation& operation,
                              const OperationMemory& memory,
                              const Mode& mode) {
  OperationAnswer answer;
  if (const auto reason = spec.refusal(operation)) {
    answer.trouble = "refused: " + *reason;
    return answer;
  }
  Job job;
  for (const OperationMemory::Buffer& buffer : memory.buffers) {
    BufferSpec entry;
    entry.name = fmt::format("buffer {}", job.buffers.size());
    entry.role = buffer.output_bytes > 0 ? BufferRole::output : BufferRole::input;
    entry.size_bytes = buffer.output_bytes > 0 ? buffer.output_bytes
                                               : static_cast<std::int64_t>(buffer.input.size());
    entry.skew_bytes = buffer.skew_bytes;
    entry.contents = buffer.input;
    job.buffers.push_back(entry);
  }
  job.launches.push_back(spec.plan(spec.image, operation));
  job.mode = mode;
  job.counts_traffic = true;
  const auto execution = make_ptx_executor()->run(job);
  if (!execution) {
    answer.trouble = execution.error().to_string();
    return answer;
  }
  if (!execution->findings.empty()) {
    const Finding& f = execution->findings.front();
    answer.trouble = fmt::format(
        "{} in {}, {}, PTX line {}", name(f.kind), f.kernel, f.allocation, f.party.site.ptx_line);
    return answer;
  }
  answer.counts = execution->launches.at(0).counts;
  std::copy(execution->buffers.begin(), execution->buffers.end(), answer.outputs.begin());
  return answer;
}

const OperationSpec& operation_spec_named(std::string_view name) {
  const auto& all = all_operation_specs();
  const auto found = std::find_if(
      all.begin(), all.end(), [name](const OperationSpec& spec) { return spec.name == name; });
  ATTEST_CHECK(found != all.end());
  return *found;
}

TensorLayout place(const Placement& placement,
                   Dtype dtype,
                   const std::array<std::int64_t, 4>& shape) {
  TensorLayout layout;
  layout.dtype = dtype;
  layout.shape = shape;
  const auto [batch, heads, rows, columns] = shape;
  if (placement.layout == Layout::bshd) {
    const std::int64_t row = heads * columns + placement.gap;
    layout.strides = {rows * row, columns, row, 1};
  } else {
    const std::int64_t row = columns + placement.gap;
    layout.strides = {heads * rows * row, rows * row, row, 1};
  }
  return layout;
}

HostTensor integer_tensor(const TensorLayout& layout, std::int64_t limit, std::uint64_t seed) {
  const auto count = static_cast<std::uint64_t>(2 * limit + 1);
  return fill(layout, seed, [=](std::uint64_t bits) {
    return static_cast<double>(static_cast<std::int64_t>(bits % count) - limit);
  });
}

HostTensor fraction_tensor(const TensorLayout& layout, std::uint64_t seed) {
  return fill(layout, seed, [](std::uint64_t bits) {
    return (static_cast<double>(bits % 2049) - 1024) / 1024;
  });
}

std::vector<std::byte> mask_bytes(std::int64_t count, std::uint64_t seed) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint64_t drawn = random_bits(seed, 0, i);
    bytes[i] = drawn % 4 == 0 ? std::byte{0} : static_cast<std::byte>(1 + drawn / 4 % 255);
  }
  return bytes;
}

std::string difference(const HostTensor& want, const std::vector<std::byte>& got) {
  if (got.size() != want.bytes.size()) {
    return fmt::format("{} bytes, not {}", got.size(), want.bytes.size());
  }
  const auto at = std::mismatch(got.begin(), got.end(), want.bytes.begin()).first;
  if (at == got.end()) return "";
  const std::int64_t element = (at - got.begin()) / size_bytes(want.layout.dtype);
  const Dtype dtype = want.layout.dtype;
  return fmt::format("element {} of the allocation is {}, not {}",
                     element,
                     decode(dtype, load_bits(dtype, got.data(), element)),
                     decode(dtype, load_bits(dtype, want.bytes.data(), element)));
}

std::uint64_t Draw::below(std::uint64_t limit) {
  return random_bits(seed_, 0, asked_++) % limit;
}

}  // namespace attest
