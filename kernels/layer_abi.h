/* Parameter block of a whole self-attention layer: plain C, shared by host and device.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packed and row-major; elements of the entry's type. */
struct LayerParams {
  const void* x;     /* [batch, seq, dim] */
  const void* w_qkv; /* [3 * dim, dim]: rows of q, then of k, then of v; in order of heads */
  const void* b_qkv; /* [3 * dim] */
  const void* w_out; /* [dim, dim] */
  const void* b_out; /* [dim] */
  const unsigned char* mask; /* [batch, seq, seq]; 0: the score is `fill` */
  void* y;                   /* [batch, seq, dim] */
  void* qkv;                 /* workspace [3, batch, seq, dim] */
  void* o;                   /* workspace [batch, seq, dim] */
  int batch, seq, dim, heads;
  float scale; /* on the scores */
  float fill;  /* -inf: the key is left out */
};
