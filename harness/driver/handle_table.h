// HandleTable: opaque handles of one kind; what is no handle is told apart and never followed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace attest::driver {

/// `Handle` is one of cuda.h's pointer types. A handle's bits are no address of this process, so
/// that who follows one faults at once, and none is given out twice.
template <class Handle, class Object, std::uint64_t kKind>
class HandleTable {
 public:
  Handle add(std::shared_ptr<Object> object) {
    const std::uint64_t bits = kNoAddress | kKind << 40 | ++last_ << 4;
    objects_.emplace(bits, std::move(object));
    return reinterpret_cast<Handle>(bits);  // NOLINT(performance-no-int-to-ptr)
  }
  /// Null for what this table did not give out, or took back.
  [[nodiscard]] std::shared_ptr<Object> find(Handle handle) const {
    const auto found = objects_.find(reinterpret_cast<std::uint64_t>(handle));
    return found == objects_.end() ? nullptr : found->second;
  }
  /// As find, and forgets it.
  std::shared_ptr<Object> take(Handle handle) {
    const auto node = objects_.extract(reinterpret_cast<std::uint64_t>(handle));
    return node.empty() ? nullptr : node.mapped();
  }
  template <class Act>
  void each(Act act) const {
    for (const auto& [bits, object] : objects_)
      act(*object);
  }
  template <class Predicate>
  void take_if(Predicate predicate) {
    std::erase_if(objects_, [&](const auto& entry) { return predicate(*entry.second); });
  }

 private:
  static constexpr std::uint64_t kNoAddress = 0x5a00'0000'0000'0000;  // not canonical
  std::map<std::uint64_t, std::shared_ptr<Object>> objects_;
  std::uint64_t last_ = 0;
};

}  // namespace attest::driver
