/* Parameter block of the fused attention kernels: plain C, shared by host and device.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Strides in elements, [batch, head, row]; the column stride is 1. */
struct AttentionStrides {
  long long batch;
  long long head;
  long long row;
};

/* NOLINTBEGIN(readability-identifier-naming): C names. */
enum AttentionMaskBits {
  ATTENTION_CAUSAL = 1,  /* keep key j <= i + causal_offset(batch) */
  ATTENTION_WINDOW = 2,  /* keep i + off - left <= j <= i + off + right; -1 is unbounded */
  ATTENTION_BOOLEAN = 4, /* keep where keep[batch][i][j] != 0 */
};
/* NOLINTEND(readability-identifier-naming) */

struct AttentionParams {
  const void* q;             /* [batch, heads_q, seq_q, head_dim] */
  const void* k;             /* [batch, heads_kv, seq_kv, head_dim] */
  const void* v;             /* [batch, heads_kv, seq_kv, head_dim] */
  void* o;                   /* [batch, heads_q, seq_q, head_dim] */
  float* lse;                /* [batch, heads_q, seq_q], nats */
  const unsigned char* keep; /* [batch, seq_q, seq_kv] or null */
  const int* kv_lengths;     /* [batch] or null: seq_kv for every batch */
  struct AttentionStrides q_strides, k_strides, v_strides, o_strides;
  int heads_q, heads_kv, seq_q, seq_kv, head_dim;
  float scale;             /* on the scores */
  float fill;              /* score of a key that the mask hides; -inf: the key is left out */
  int mask;                /* AttentionMaskBits */
  int causal_bottom_right; /* off = kv_length - seq_q for causal, else 0 */
  int window_left, window_right, window_bottom_right;
};
