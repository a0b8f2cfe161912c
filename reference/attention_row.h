// One row of attention under way: keys and values decoded, scores and weights. Within the reference.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/data.h"
#include "harness/problem/problem.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace attest {

// Every sum runs in ascending key or dimension order with one accumulator per element, so its bits
// do not depend on caches, alignment or vector width: Eigen vectorises across elements only.
using Index = Eigen::Index;
using Row = Eigen::ArrayXd;
constexpr Index kLanes = 8;  // value columns that are summed together
using Lanes = Eigen::Array<double, kLanes, 1>;
using LanesView = Eigen::Map<const Lanes>;

// A finite magnitude as a tensor core aligns it: subnormals have the exponent of the smallest
// normal.
inline double aligned_magnitude(double value, double smallest_normal) {
  return value == 0 ? 0 : std::max(std::fabs(value), smallest_normal);
}

inline double smallest_normal(Dtype dtype) {
  return smallest_subnormal(dtype) / (2 * unit_roundoff(dtype));
}

// K and V of one batch and kv head, decoded.
struct KeysAndValues {
  Eigen::ArrayXXd keys;        // [seq_kv, head_dim], a column is one dimension
  Eigen::ArrayXXd magnitudes;  // same shape, aligned_magnitude of keys
  Row values;                  // [head_dim_v / kLanes, seq_kv, kLanes], 0 past head_dim_v

  KeysAndValues(const Problem& problem,
                const Inputs& inputs,
                std::int64_t batch,
                std::int64_t head);
};

// One row's keys that are in the sum, in ascending order, with their scores and weights.
struct RowWork {
  std::vector<Index> key;
  std::vector<double> score;            // s_j
  std::vector<double> product;          // a_j
  std::vector<double> depth;            // m - s_j
  std::vector<double> weight;           // p_j
  std::vector<double> product_squared;  // z_j^2; empty unless likely terms are wanted
  double sum = 0;                       // l
  double maximum = 0;                   // m
  double sink = 0;                      // its score, where the problem has one
  double sink_weight = 0;               // its p; 0 where there is none
};

}  // namespace attest
