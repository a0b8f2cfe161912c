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
    classes.of[n] = value_of<std::int64_t>(item.value());
  }
  return classes;
}

Json to_json(const BankCounts& banks) {
  return {{"accesses", banks.accesses},
          {"wavefronts", banks.wavefronts},
          {"wavefronts_ideal", banks.wavefronts_ideal}};
}

BankCounts banks_from_json(const Json& json) {
  return {field<std::int64_t>(json, "accesses"),
          field<std::int64_t>(json, "wavefronts"),
          field<std::int64_t>(json, "wavefronts_ideal")};
}

Json to_json(const BufferTraffic& buffer) {
  return {{"name", buffer.name},
          {"bytes_read_requested", buffer.bytes_read_requested},
          {"bytes_written_requested", buffer.bytes_written_requested},
          {"bytes_atomic_requested", buffer.bytes_atomic_requested},
          {"bytes_touched", buffer.bytes_touched}};
}

BufferTraffic buffer_from_json(const Json& json) {
  return {field<std::string>(json, "name"),
          field<std::int64_t>(json, "bytes_read_requested"),
          field<std::int64_t>(json, "bytes_written_requested"),
          field<std::int64_t>(json, "bytes_atomic_requested"),
          field<std::int64_t>(json, "bytes_touched")};
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
  const Json& requested = field(json, "bytes_requested");
  t.global_bytes_requested = field<std::int64_t>(requested, "global");
  t.shared_bytes_requested = field<std::int64_t>(requested, "shared");
  t.local_bytes_requested = field<std::int64_t>(requested, "local");
  t.global_bytes_touched = field<std::int64_t>(json, "bytes_touched");
  t.global_accesses = field<std::int64_t>(json, "accesses");
  t.global_sectors = field<std::int64_t>(json, "sectors");
  const BankCounts shared = banks_from_json(field(json, "shared"));
  t.shared_accesses = shared.accesses;
  t.shared_wavefronts = shared.wavefronts;
  t.shared_wavefronts_ideal = shared.wavefronts_ideal;
  t.ldmatrix = banks_from_json(field(json, "ldmatrix"));
  t.cp_async = banks_from_json(field(json, "cp_async"));
  t.buffers = list_field(json, "buffers", buffer_from_json);
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
  launch.kernel = field<std::string>(json, "kernel");
  launch.grid = dim3_field(json, "grid");
  launch.block = dim3_field(json, "block");
  LaunchCounts& counts = launch.counts;
  counts.warp_instructions = field<std::int64_t>(json, "warp_instructions");
  counts.flops = field<std::int64_t>(json, "flops");
  counts.mma_flops = field<std::int64_t>(json, "mma_flops");
  counts.classes = classes_from_json(field(json, "classes"));
  counts.has_traffic = json.contains("traffic");
  if (counts.has_traffic) counts.traffic = traffic_from_json(field(json, "traffic"));
  return launch;
}

}  // namespace attest
