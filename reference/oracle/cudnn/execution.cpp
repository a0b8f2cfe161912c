// Draws a Problem's inputs for cuDNN, executes it, and decodes what comes back.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/execution.h"

#include "harness/problem/data.h"
#include "reference/oracle/cudnn/frontend.h"

#include <cstring>
#include <limits>

namespace attest {
namespace {

using Bytes = std::vector<std::byte>;

Bytes int32_bytes(const std::vector<std::int32_t>& values) {
  Bytes bytes(values.size() * sizeof(std::int32_t));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// 0 where a key is kept, else -inf, in the dtype of the case.
Bytes bias_bytes(Dtype dtype, const std::vector<std::uint8_t>& keep) {
  Bytes bytes(keep.size() * static_cast<std::size_t>(size_bytes(dtype)));
  const std::uint32_t kept = encode(dtype, 0.0);
  const std::uint32_t hidden = encode(dtype, -std::numeric_limits<double>::infinity());
  for (std::size_t at = 0; at < keep.size(); ++at)
    store_bits(dtype, bytes.data(), static_cast<std::int64_t>(at), keep[at] != 0 ? kept : hidden);
  return bytes;
}

std::map<SdpaTensor, Bytes> input_bytes(const Problem& p, const Sdpa& sdpa) {
  const Inputs inputs = draw_inputs(p);
  std::map<SdpaTensor, Bytes> bytes;
  bytes[SdpaTensor::q] = inputs.q.bytes;
  bytes[SdpaTensor::k] = inputs.k.bytes;
  bytes[SdpaTensor::v] = inputs.v.bytes;
  if (sdpa.has_bias) bytes[SdpaTensor::bias] = bias_bytes(p.dtype, inputs.keep);
  if (sdpa.has_padding) {
    const auto rows = static_cast<std::int32_t>(p.seq_q);
    bytes[SdpaTensor::seq_q] =
        int32_bytes(std::vector<std::int32_t>(static_cast<std::size_t>(p.batch), rows));
    bytes[SdpaTensor::seq_kv] = int32_bytes(inputs.kv_lengths);
  }
  return bytes;
}

}  // namespace

Result<CudnnAnswer> execute_problem(const Problem& p) {
  ATTEST_TRY(const Sdpa sdpa, as_sdpa(p));
  HostTensor o = poisoned_tensor(tensor_layout(p, Tensor::o));
  const auto rows = static_cast<std::size_t>(p.batch * p.heads_q * p.seq_q);
  ATTEST_TRY(Executed done,
             execute(sdpa,
                     input_bytes(p, sdpa),
                     {{SdpaTensor::o, o.bytes.size()}, {SdpaTensor::lse, rows * sizeof(float)}}));
  CudnnAnswer answer;
  answer.tier = CudnnTier::executed;
  answer.sm = done.sm;
  answer.engine = done.admission.engine;
  answer.workspace_bytes = done.admission.workspace_bytes;
  o.bytes = std::move(done.outputs[SdpaTensor::o]);
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t h = 0; h < p.heads_q; ++h) {
      for (std::int64_t s = 0; s < p.seq_q; ++s) {
        for (std::int64_t d = 0; d < p.head_dim_v; ++d)
          answer.opinion.o.push_back(o.value(b, h, s, d));
      }
    }
  }
  const Bytes& lse = done.outputs[SdpaTensor::lse];
  for (std::size_t row = 0; row < rows; ++row) {
    float value = 0;
    std::memcpy(&value, lse.data() + row * sizeof(float), sizeof(float));
    answer.opinion.lse.push_back(static_cast<double>(value));
  }
  return answer;
}

}  // namespace attest
