// JSON for what describes, blobs for what is large: PTX texts, parameter blocks, buffers.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/job_message.h"

#include "harness/executor/job_checks.h"

#include <nlohmann/json.hpp>

#include <array>
#include <map>
#include <span>
#include <utility>

namespace attest {
namespace {

using Json = nlohmann::json;

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string_view text_of(const std::vector<std::byte>& blob) {
  return {reinterpret_cast<const char*>(blob.data()), blob.size()};
}

template <class Enum>
Enum enum_from(const Json& json, Enum last) {
  const auto value = json.get<std::uint8_t>();
  if (value > static_cast<std::uint8_t>(last)) throw std::out_of_range("an enumerator");
  return static_cast<Enum>(value);
}

Json to_json(const Dim3& d) {
  return {d.x, d.y, d.z};
}

Dim3 dim_from(const Json& json) {
  return {json.at(0).get<std::uint32_t>(),
          json.at(1).get<std::uint32_t>(),
          json.at(2).get<std::uint32_t>()};
}

/// Texts of the images, each once.
class Images {
 public:
  std::size_t index(const KernelImage& image, std::vector<std::vector<std::byte>>& blobs) {
    const auto [at, is_new] = known_.try_emplace(image.ptx.data(), names_.size());
    if (is_new) {
      names_.emplace_back(image.name);
      blobs.push_back(bytes_of(image.ptx));
    }
    return at->second;
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<const char*, std::size_t> known_;
  std::vector<std::string> names_;
};

Json to_json(const Launch& launch, std::size_t image) {
  Json relocations = Json::array();
  for (const Relocation& r : launch.relocations)
    relocations.push_back({r.parameter_offset, r.buffer, r.byte_offset});
  return {{"image", image},
          {"entry", launch.entry},
          {"grid", to_json(launch.grid)},
          {"block", to_json(launch.block)},
          {"shared", launch.dynamic_shared_bytes},
          {"cooperative", launch.is_cooperative},
          {"relocations", relocations}};
}

Launch launch_from(const Json& json, const std::vector<KernelImage>& images) {
  Launch launch;
  launch.image = images.at(json.at("image").get<std::size_t>());
  launch.entry = json.at("entry");
  launch.grid = dim_from(json.at("grid"));
  launch.block = dim_from(json.at("block"));
  launch.dynamic_shared_bytes = json.at("shared");
  launch.is_cooperative = json.at("cooperative");
  for (const Json& r : json.at("relocations"))
    launch.relocations.push_back({r.at(0), r.at(1), r.at(2)});
  return launch;
}

Json to_json(const BlasMatrix& matrix) {
  return {matrix.buffer, matrix.offset, matrix.leading, matrix.stride, matrix.is_transposed};
}

BlasMatrix matrix_from(const Json& json) {
  return {json.at(0).get<int>(),
          json.at(1).get<std::int64_t>(),
          json.at(2).get<std::int64_t>(),
          json.at(3).get<std::int64_t>(),
          json.at(4).get<bool>()};
}

Json to_json(const BlasCall& call) {
  return {{"m", call.m},
          {"n", call.n},
          {"k", call.k},
          {"alpha", call.alpha},
          {"left", to_json(call.left)},
          {"right", to_json(call.right)},
          {"result", to_json(call.result)},
          {"count", call.count},
          {"bias", call.bias ? Json{call.bias->buffer, call.bias->offset} : Json()},
          {"dtype", call.dtype},
          {"after_launches", call.after_launches}};
}

BlasCall call_from(const Json& json) {
  BlasCall call;
  call.m = json.at("m");
  call.n = json.at("n");
  call.k = json.at("k");
  call.alpha = json.at("alpha");
  call.left = matrix_from(json.at("left"));
  call.right = matrix_from(json.at("right"));
  call.result = matrix_from(json.at("result"));
  call.count = json.at("count");
  if (const Json& bias = json.at("bias"); !bias.is_null())
    call.bias = BlasBias{bias.at(0).get<int>(), bias.at(1).get<std::int64_t>()};
  call.dtype = enum_from(json.at("dtype"), Dtype::bf16);
  call.after_launches = json.at("after_launches");
  return call;
}

BufferSpec buffer_from(const Json& json) {
  BufferSpec buffer;
  buffer.name = json.at("name");
  buffer.role = enum_from(json.at("role"), BufferRole::scratch);
  buffer.size_bytes = json.at("size");
  buffer.skew_bytes = json.at("skew");
  if (buffer.size_bytes < 0 || buffer.skew_bytes < 0) {
    throw std::out_of_range("a buffer's size or skew");
  }
  return buffer;
}

/// Reads into `received`, whose storage is set. Throws what json and at() throw.
void read_job(const Json& json, ReceivedJob& received) {
  const auto& blobs = received.storage.blobs;
  std::size_t blob = 0;
  std::vector<KernelImage> images;
  for (std::size_t n = 0; n < json.at("images").size(); ++n)
    images.push_back({"", text_of(blobs.at(blob++))});  // the text tells them apart: names stay
  for (const Json& launch : json.at("launches")) {
    received.job.launches.push_back(launch_from(launch, images));
    received.job.launches.back().parameters = blobs.at(blob++);
  }
  for (const Json& call : json.at("calls"))
    received.job.calls.push_back(call_from(call));
  for (const Json& each : json.at("buffers")) {
    BufferSpec buffer = buffer_from(each);
    if (has_contents(buffer.role)) buffer.contents = blobs.at(blob++);
    if (buffer.contents.size() !=
        (has_contents(buffer.role) ? static_cast<std::size_t>(buffer.size_bytes) : 0)) {
      throw std::out_of_range("the contents of buffer " + buffer.name);
    }
    received.job.buffers.push_back(std::move(buffer));
  }
  received.job.dirt = json.at("dirt");
  received.job.limits.memory_bytes = json.at("memory_bytes");
  received.launch_ms = json.at("launch_ms");
}

Json to_json(const Finding& f) {
  return {{"kind", f.kind},
          {"kernel", f.kernel},
          {"access", f.party.access},
          {"space", f.space},
          {"address", f.address},
          {"size", f.size_bytes},
          {"allocation", f.allocation},
          {"distance", f.distance_bytes},
          {"message", f.message}};
}

Finding finding_from(const Json& json) {
  Finding f;
  f.kind = enum_from(json.at("kind"), FindingKind::timeout);
  f.kernel = json.at("kernel");
  f.party.access = enum_from(json.at("access"), Access::atomic);
  f.space = enum_from(json.at("space"), Space::generic);
  f.address = json.at("address");
  f.size_bytes = json.at("size");
  f.allocation = json.at("allocation");
  f.distance_bytes = json.at("distance");
  f.message = json.at("message");
  return f;
}

Json to_json(const LaunchRecord& launch) {
  return {{"kernel", launch.kernel},
          {"grid", to_json(launch.grid)},
          {"block", to_json(launch.block)},
          {"shared", launch.shared_bytes},
          {"step", launch.step},
          {"registers", launch.registers},
          {"ns", launch.duration_ns}};
}

LaunchRecord launch_record_from(const Json& json) {
  LaunchRecord launch;
  launch.kernel = json.at("kernel");
  launch.grid = dim_from(json.at("grid"));
  launch.block = dim_from(json.at("block"));
  launch.shared_bytes = json.at("shared");
  launch.step = json.at("step");
  launch.registers = json.at("registers");
  launch.duration_ns = json.at("ns");
  return launch;
}

JobAnswer answer_from(const Json& json, std::vector<std::vector<std::byte>> blobs) {
  JobAnswer answer;
  answer.execution.buffers = std::move(blobs);
  for (const Json& finding : json.at("findings"))
    answer.execution.findings.push_back(finding_from(finding));
  for (const Json& launch : json.at("launches"))
    answer.execution.launches.push_back(launch_record_from(launch));
  answer.execution.counted_by = json.at("counted_by");
  answer.is_ruined = json.at("is_ruined");
  return answer;
}

}  // namespace

Message encode_job(const Job& job, std::int64_t launch_ms) {
  Message message;
  Images images;
  Json launches = Json::array();
  for (const Launch& launch : job.launches)
    launches.push_back(to_json(launch, images.index(launch.image, message.blobs)));
  for (const Launch& launch : job.launches)
    message.blobs.push_back(launch.parameters);
  Json buffers = Json::array();
  for (const BufferSpec& buffer : job.buffers) {
    check_contents(buffer);
    buffers.push_back({{"name", buffer.name},
                       {"role", buffer.role},
                       {"size", buffer.size_bytes},
                       {"skew", buffer.skew_bytes}});
    if (has_contents(buffer.role))
      message.blobs.emplace_back(buffer.contents.begin(), buffer.contents.end());
  }
  Json calls = Json::array();
  for (const BlasCall& call : job.calls)
    calls.push_back(to_json(call));
  message.text = Json({{"ask", "run"},
                       {"calls", calls},
                       {"images", images.names()},
                       {"launches", launches},
                       {"buffers", buffers},
                       {"dirt", job.dirt},
                       {"memory_bytes", job.limits.memory_bytes},
                       {"launch_ms", launch_ms}})
                     .dump();
  return message;
}

Result<ReceivedJob> decode_job(Message message) {
  ReceivedJob received;
  received.storage = std::move(message);
  try {
    read_job(Json::parse(received.storage.text), received);
  } catch (const std::exception& error) {
    return Error{Code::bad_input, error.what(), "job"};
  }
  return received;
}

Message encode_answer(const JobAnswer& answer) {
  Json findings = Json::array();
  for (const Finding& finding : answer.execution.findings)
    findings.push_back(to_json(finding));
  Json launches = Json::array();
  for (const LaunchRecord& launch : answer.execution.launches)
    launches.push_back(to_json(launch));
  return {Json({{"findings", findings},
                {"launches", launches},
                {"counted_by", answer.execution.counted_by},
                {"is_ruined", answer.is_ruined}})
              .dump(-1, ' ', false, Json::error_handler_t::replace),
          answer.execution.buffers};
}

Message encode_error(const Error& error) {
  return {
      Json({{"error", {{"code", error.code}, {"message", error.message}, {"where", error.where}}}})
          .dump(-1, ' ', false, Json::error_handler_t::replace),
      {}};
}

Result<JobAnswer> decode_answer(Message message) {
  try {
    const Json json = Json::parse(message.text);
    if (json.contains("error")) {
      const Json& error = json.at("error");
      return Error{
          enum_from(error.at("code"), Code::limit), error.at("message"), error.at("where")};
    }
    return answer_from(json, std::move(message.blobs));
  } catch (const std::exception& error) {
    return Error{Code::bad_input, std::string("not an answer: ") + error.what(), "attest-cuda"};
  }
}

}  // namespace attest
