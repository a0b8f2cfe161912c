// What a launch did: classes that are not 0, and traffic where it was counted.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/launch_codec.h"

#include "harness/record/codec.h"

namespace attest {
namespace {

Json to_json(const ClassCounts& classes) {
  Json json = Json::object();
  for (std::size_t n = 0; n < kInsnClasses; ++n) {
    if (classes.of[n] != 0) json[std::string(name(static_cast<InsnClass>(n)))] = classes.of[n];
  }
  return json;
}

ClassCounts classes_from_json(const Json& json) {
  ClassCounts classes;
  for (const auto& item : json.items()) {
    std::size_t n = 0;
    while (n < kInsnClasses && name(static_cast<InsnClass>(n)) != item.key())
      ++n;
    if (n == kInsnClasses) throw DecodeError("unknown class '" + item.key() + "'");
    classes.of[n] = item.value().get<std::int64_t>();
  }
  return classes;
}

Json to_json(const BankCounts& banks) {
  return {{"accesses", banks.accesses},
          {"wavefronts", banks.wavefronts},
          {"wavefronts_ideal", banks.wavefronts_ideal}};
}

BankCounts banks_from_json(const Json& json) {
  return {json.at("accesses").get<std::int64_t>(),
          json.at("wavefronts").get<std::int64_t>(),
          json.at("wavefronts_ideal").get<std::int64_t>()};
}

Json to_json(const BufferTraffic& buffer) {
  return {{"name", buffer.name},
          {"bytes_read_requested", buffer.bytes_read_requested},
          {"bytes_written_requested", buffer.bytes_written_requested},
          {"bytes_atomic_requested", buffer.bytes_atomic_requested},
          {"bytes_touched", buffer.bytes_touched}};
}

BufferTraffic buffer_from_json(const Json& json) {
  return {json.at("name").get<std::string>(),
          json.at("bytes_read_requested").get<std::int64_t>(),
          json.at("bytes_written_requested").get<std::int64_t>(),
          json.at("bytes_atomic_requested").get<std::int64_t>(),
          json.at("bytes_touched").get<std::int64_t>()};
}

Json to_json(const TrafficCounts& t) {
  Json json = {{"bytes_requested",
                {{"global", t.global_bytes_requested},
                 {"shared", t.shared_bytes_requested},
                 {"local", t.local_bytes_requested}}},
               {"bytes_touched", t.global_bytes_touched},
               {"accesses", t.global_accesses},
               {"sectors", t.global_sectors}};
  json["shared"] =
      to_json(BankCounts{t.shared_accesses, t.shared_wavefronts, t.shared_wavefronts_ideal});
  json["ldmatrix"] = to_json(t.ldmatrix);
  json["cp_async"] = to_json(t.cp_async);
  json["buffers"] = Json::array();
  for (const BufferTraffic& buffer : t.buffers)
    json["buffers"].push_back(to_json(buffer));
  return json;
}

TrafficCounts traffic_from_json(const Json& json) {
  TrafficCounts t;
  const Json& requested = json.at("bytes_requested");
  t.global_bytes_requested = requested.at("global").get<std::int64_t>();
  t.shared_bytes_requested = requested.at("shared").get<std::int64_t>();
  t.local_bytes_requested = requested.at("local").get<std::int64_t>();
  t.global_bytes_touched = json.at("bytes_touched").get<std::int64_t>();
  t.global_accesses = json.at("accesses").get<std::int64_t>();
  t.global_sectors = json.at("sectors").get<std::int64_t>();
  const BankCounts shared = banks_from_json(json.at("shared"));
  t.shared_accesses = shared.accesses;
  t.shared_wavefronts = shared.wavefronts;
  t.shared_wavefronts_ideal = shared.wavefronts_ideal;
  t.ldmatrix = banks_from_json(json.at("ldmatrix"));
  t.cp_async = banks_from_json(json.at("cp_async"));
  for (const Json& item : json.at("buffers"))
    t.buffers.push_back(buffer_from_json(item));
  return t;
}

}  // namespace

Json to_json(const LaunchSummary& launch) {
  const LaunchCounts& counts = launch.counts;
  Json json = {{"kernel", launch.kernel},
               {"grid", to_json(launch.grid)},
               {"block", to_json(launch.block)},
               {"warp_instructions", counts.warp_instructions},
               {"mma_instructions", counts.classes[InsnClass::mma]},
               {"flops", counts.flops},
               {"mma_flops", counts.mma_flops},
               {"classes", to_json(counts.classes)}};
  if (counts.has_traffic) json["traffic"] = to_json(counts.traffic);
  return json;
}

LaunchSummary launch_from_json(const Json& json) {
  LaunchSummary launch;
  launch.kernel = json.at("kernel").get<std::string>();
  launch.grid = dim3_from_json(json.at("grid"));
  launch.block = dim3_from_json(json.at("block"));
  LaunchCounts& counts = launch.counts;
  counts.warp_instructions = json.at("warp_instructions").get<std::int64_t>();
  counts.flops = json.at("flops").get<std::int64_t>();
  counts.mma_flops = json.at("mma_flops").get<std::int64_t>();
  counts.classes = classes_from_json(json.at("classes"));
  counts.has_traffic = json.contains("traffic");
  if (counts.has_traffic) counts.traffic = traffic_from_json(json.at("traffic"));
  return launch;
}

}  // namespace attest
