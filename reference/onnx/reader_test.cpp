// Models made by hand, the same models broken, and files that are none.
// SPDX-License-Identifier: Apache-2.0
#include "reference/onnx/reader.h"

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <functional>
#include <string>
#include <vector>

namespace attest {
namespace {

using Tensor = onnx::TensorProto;

/// y = x + w, with x [1, 2] and w [2].
onnx::ModelProto model() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  model.set_doc_string("words");
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::ValueInfoProto& x = *graph.add_input();
  x.set_name("x");
  x.mutable_type()->mutable_tensor_type()->set_elem_type(Tensor::FLOAT);
  onnx::TensorShapeProto& shape = *x.mutable_type()->mutable_tensor_type()->mutable_shape();
  shape.add_dim()->set_dim_param("batch");
  shape.add_dim()->set_dim_value(2);
  Tensor& w = *graph.add_initializer();
  w.set_name("w");
  w.set_data_type(Tensor::FLOAT);
  w.add_dims(2);
  w.add_float_data(0.5F);
  w.add_float_data(-3);
  onnx::NodeProto& add = *graph.add_node();
  add.set_op_type("Add");
  add.set_name("sum");
  add.add_input("x");
  add.add_input("w");
  add.add_output("y");
  graph.add_output()->set_name("y");
  return model;
}

Result<OnnxGraph> parse(const onnx::ModelProto& proto) {
  return parse_onnx(proto.SerializeAsString(), "a.onnx");
}

TEST(OnnxReader, ReadsAModel) {
  const OnnxGraph graph = parse(model()).value();
  EXPECT_EQ(graph.description, "words");
  EXPECT_EQ(graph.inputs.at(0).shape, (std::vector<std::int64_t>{-1, 2}));
  EXPECT_EQ(graph.initialisers.at("w").values, (std::vector<double>{0.5, -3}));
  EXPECT_EQ(graph.nodes.at(0).name, "sum");
  EXPECT_EQ(graph.nodes.at(0).inputs, (std::vector<std::string>{"x", "w"}));
  EXPECT_EQ(graph.outputs, (std::vector<std::string>{"y"}));
}

// Bits from the formats' definitions: 0x3e00 is 1.5 in float16, 0xc040 is -3 in bfloat16.
TEST(OnnxReader, DecodesEveryType) {
  const auto values = [](std::int32_t type, const std::string& raw, std::int64_t count) {
    onnx::ModelProto proto = model();
    Tensor& w = *proto.mutable_graph()->mutable_initializer(0);
    w.clear_float_data();
    w.set_data_type(type);
    w.set_dims(0, count);
    w.set_raw_data(raw);
    const Result<OnnxGraph> graph = parse(proto);
    EXPECT_TRUE(graph.has_value()) << graph.error().to_string();
    return graph.value().initialisers.at("w").values;
  };
  using Values = std::vector<double>;
  EXPECT_EQ(values(Tensor::FLOAT, std::string("\0\0\xc0\x3f", 4), 1), (Values{1.5}));
  EXPECT_EQ(values(Tensor::DOUBLE, std::string("\0\0\0\0\0\0\xf8\x3f", 8), 1), (Values{1.5}));
  EXPECT_EQ(values(Tensor::FLOAT16, std::string("\0\x3e", 2), 1), (Values{1.5}));
  EXPECT_EQ(values(Tensor::BFLOAT16, "\x40\xc0", 1), (Values{-3}));
  EXPECT_EQ(values(Tensor::INT64, std::string("\xfe\xff\xff\xff\xff\xff\xff\xff", 8), 1),
            (Values{-2}));
  EXPECT_EQ(values(Tensor::INT32, std::string("\2\1\0\0", 4), 1), (Values{258}));
  EXPECT_EQ(values(Tensor::UINT8, "\xff\1", 2), (Values{255, 1}));
  EXPECT_EQ(values(Tensor::INT8, "\xff\1", 2), (Values{-1, 1}));
  EXPECT_EQ(values(Tensor::BOOL, std::string("\0\2", 2), 2), (Values{0, 1}));

  onnx::ModelProto typed = model();
  Tensor& w = *typed.mutable_graph()->mutable_initializer(0);
  w.clear_float_data();
  w.set_data_type(Tensor::FLOAT16);
  w.add_int32_data(0x3e00);
  w.add_int32_data(0xbe00);
  EXPECT_EQ(parse(typed).value().initialisers.at("w").values, (Values{1.5, -1.5}));
}

struct Broken {
  const char* message;
  std::function<void(onnx::ModelProto&)> change;
};

const Broken kBroken[] = {
    {"not an ONNX model", [](auto& m) { m.clear_graph(); }},
    {"IR version 7, allowed: 8", [](auto& m) { m.set_ir_version(7); }},
    {"opset 16, allowed: 17", [](auto& m) { m.mutable_opset_import(0)->set_version(16); }},
    {"opset 18, allowed: 17", [](auto& m) { m.mutable_opset_import(0)->set_version(18); }},
    {"opset 0, allowed: 17", [](auto& m) { m.clear_opset_import(); }},
    {"operators of the domain 'com.microsoft'",
     [](auto& m) { m.add_opset_import()->set_domain("com.microsoft"); }},
    {"functions of the model's own", [](auto& m) { m.add_functions(); }},
    {"sparse initialisers", [](auto& m) { m.mutable_graph()->add_sparse_initializer(); }},
    {"10001 nodes, allowed: 10000",
     [](auto& m) {
       for (int i = 0; i < 10000; ++i)
         m.mutable_graph()->add_node();
     }},
    {"the graph has no output", [](auto& m) { m.mutable_graph()->clear_output(); }},
    {"output 'z' is defined nowhere",
     [](auto& m) { m.mutable_graph()->mutable_output(0)->set_name("z"); }},
    {"node 'sum' of type 'Add': input 'z?' is not defined before it",
     [](auto& m) { m.mutable_graph()->mutable_node(0)->set_input(0, "z\n"); }},
    {"node 'sum' of type 'Add': value 'w' is defined twice",
     [](auto& m) { m.mutable_graph()->mutable_node(0)->set_output(0, "w"); }},
    {"node 'sum' of type 'Add' of the domain 'mine'",
     [](auto& m) { m.mutable_graph()->mutable_node(0)->set_domain("mine"); }},
    {"node 'sum' of type 'Add', attribute 'body': type 5, allowed: int, float, string, ints, "
     "tensor",
     [](auto& m) {
       onnx::AttributeProto& body = *m.mutable_graph()->mutable_node(0)->add_attribute();
       body.set_name("body");
       body.set_type(onnx::AttributeProto::GRAPH);
     }},
    {"input 'x': not a tensor",
     [](auto& m) { m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_map_type(); }},
    {"initialiser 'w': element type 8, allowed: float, double, float16, bfloat16, int64, int32, "
     "uint8, int8, bool",
     [](auto& m) { m.mutable_graph()->mutable_initializer(0)->set_data_type(Tensor::STRING); }},
    {"initialiser 'w': data in another file, allowed: in this one",
     [](auto& m) {
       m.mutable_graph()->mutable_initializer(0)->set_data_location(Tensor::EXTERNAL);
     }},
    {"initialiser 'w': 8 bytes of data for a shape of 12",
     [](auto& m) { m.mutable_graph()->mutable_initializer(0)->set_dims(0, 3); }},
    {"initialiser 'w': size -2, allowed: at least 0",
     [](auto& m) { m.mutable_graph()->mutable_initializer(0)->set_dims(0, -2); }},
    {"initialiser 'w': more than 16777216 elements are left to the tensors of a file",
     [](auto& m) {
       m.mutable_graph()->mutable_initializer(0)->set_dims(0, std::int64_t{1} << 40);
       m.mutable_graph()->mutable_initializer(0)->add_dims(std::int64_t{1} << 40);
     }},
    {"initialiser 'w': 17 axes, allowed: 16",
     [](auto& m) {
       for (int i = 0; i < 16; ++i)
         m.mutable_graph()->mutable_initializer(0)->add_dims(1);
     }},
};

TEST(OnnxReader, RefusesWhatIsBroken) {
  for (const Broken& broken : kBroken) {
    onnx::ModelProto proto = model();
    broken.change(proto);
    const Result<OnnxGraph> graph = parse(proto);
    EXPECT_FALSE(graph.has_value()) << broken.message;
    if (graph.has_value()) continue;
    EXPECT_EQ(graph.error().message, broken.message);
    EXPECT_EQ(graph.error().where, "a.onnx");
  }
}

TEST(OnnxReader, RefusesFilesThatAreNoModel) {
  EXPECT_EQ(read_onnx("no/such.onnx").error().to_string(), "no/such.onnx: cannot be read");
  EXPECT_EQ(read_onnx(ATTEST_ONNX_FOLDER).error().code, Code::io);
  EXPECT_EQ(parse_onnx("", "f").error().message, "not an ONNX model");
  EXPECT_EQ(parse_onnx("plain text", "f").error().message, "not an ONNX model: malformed protobuf");
  const std::string large(static_cast<std::size_t>(kMaxOnnxBytes) + 1, '\0');
  EXPECT_EQ(parse_onnx(large, "f").error().message, "more than 33554432 bytes");
}

}  // namespace
}  // namespace attest
