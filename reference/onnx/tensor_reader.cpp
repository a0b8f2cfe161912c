// TensorProto: raw bytes or typed fields, decoded by a table.
// SPDX-License-Identifier: Apache-2.0
// Source  onnx.proto of ONNX 1.12, message TensorProto.
#include "reference/onnx/tensor_reader.h"

#include "harness/base/dtype.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <array>
#include <cstring>

namespace attest {
namespace {

using Proto = onnx::TensorProto;

template <class T>
double plain(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<double>(value);
}

template <Dtype dtype>
double sixteen_bits(const char* bytes) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, bytes, sizeof bits);
  return decode(dtype, bits);
}

double truth(const char* bytes) {
  return *bytes != 0 ? 1 : 0;
}

/// How one DataType lies in raw_data. In a typed field the elements of 1, 2 and 4 bytes that are
/// not floats are int32_data, whose low bytes are the element.
struct Encoding {
  std::int32_t data_type;
  OnnxType type;
  std::size_t bytes;
  double (*decode)(const char* bytes);
};

constexpr std::array kEncodings = {
    Encoding{Proto::FLOAT, OnnxType::real, 4, plain<float>},
    Encoding{Proto::DOUBLE, OnnxType::real, 8, plain<double>},
    Encoding{Proto::FLOAT16, OnnxType::real, 2, sixteen_bits<Dtype::f16>},
    Encoding{Proto::BFLOAT16, OnnxType::real, 2, sixteen_bits<Dtype::bf16>},
    Encoding{Proto::INT64, OnnxType::integer, 8, plain<std::int64_t>},
    Encoding{Proto::INT32, OnnxType::integer, 4, plain<std::int32_t>},
    Encoding{Proto::UINT8, OnnxType::integer, 1, plain<std::uint8_t>},
    Encoding{Proto::INT8, OnnxType::integer, 1, plain<std::int8_t>},
    Encoding{Proto::BOOL, OnnxType::boolean, 1, truth},
};

Result<const Encoding*> find_encoding(std::int32_t data_type) {
  for (const Encoding& encoding : kEncodings)
    if (encoding.data_type == data_type) return &encoding;
  return Error{Code::unsupported,
               fmt::format("element type {}, allowed: float, double, float16, bfloat16, int64, "
                           "int32, uint8, int8, bool",
                           data_type),
               {}};
}

template <class Field>
std::string as_raw(const Field& field, std::size_t bytes) {
  std::string raw;
  raw.reserve(static_cast<std::size_t>(field.size()) * bytes);
  for (const auto& element : field) {
    std::array<char, sizeof element> all;
    std::memcpy(all.data(), &element, sizeof element);
    raw.append(all.data(), bytes);
  }
  return raw;
}

std::string raw_bytes(const Proto& proto, const Encoding& encoding) {
  if (proto.has_raw_data()) return proto.raw_data();
  if (encoding.data_type == Proto::FLOAT) return as_raw(proto.float_data(), encoding.bytes);
  if (encoding.data_type == Proto::DOUBLE) return as_raw(proto.double_data(), encoding.bytes);
  if (encoding.data_type == Proto::INT64) return as_raw(proto.int64_data(), encoding.bytes);
  return as_raw(proto.int32_data(), encoding.bytes);
}

}  // namespace

Result<OnnxType> read_type(std::int32_t data_type) {
  ATTEST_TRY(const Encoding* const encoding, find_encoding(data_type));
  return encoding->type;
}

Result<OnnxTensor> read_tensor(const Proto& proto, std::int64_t& budget) {
  if (proto.data_location() == Proto::EXTERNAL || proto.external_data_size() > 0)
    return Error{Code::unsupported, "data in another file, allowed: in this one", {}};
  ATTEST_TRY(const Encoding* const encoding, find_encoding(proto.data_type()));
  OnnxTensor tensor{encoding->type, {proto.dims().begin(), proto.dims().end()}, {}};
  if (tensor.shape.size() > kMaxOnnxAxes) {
    return Error{
        Code::limit, fmt::format("{} axes, allowed: {}", tensor.shape.size(), kMaxOnnxAxes), {}};
  }
  std::int64_t elements = 1;
  for (const std::int64_t size : tensor.shape) {
    if (size < 0)
      return Error{Code::bad_input, fmt::format("size {}, allowed: at least 0", size), {}};
    if (size > 0 && elements > budget / size) {
      return Error{Code::limit,
                   fmt::format("more than {} elements are left to the tensors of a file", budget),
                   {}};
    }
    elements *= size;
  }
  const std::string raw = raw_bytes(proto, *encoding);
  const std::size_t wanted = static_cast<std::size_t>(elements) * encoding->bytes;
  if (raw.size() != wanted) {
    return Error{
        Code::bad_input, fmt::format("{} bytes of data for a shape of {}", raw.size(), wanted), {}};
  }
  budget -= elements;
  tensor.values.reserve(static_cast<std::size_t>(elements));
  for (std::size_t at = 0; at < raw.size(); at += encoding->bytes)
    tensor.values.push_back(encoding->decode(raw.data() + at));
  return tensor;
}

}  // namespace attest
