/* Parameter blocks of the kernels that are not attention: plain C, shared by host and device.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Strides in elements, [batch, head, row]; the column stride is 1. */
struct MatrixStrides {
  long long batch;
  long long head;
  long long row;
};

struct GemmParams {
  const void* a;             /* [batch, heads, m, k], or [.., k, m] where the entry transposes A */
  const void* b;             /* [batch, heads, k, n], or [.., n, k] where it transposes B */
  const void* bias;          /* [n] or null */
  const unsigned char* mask; /* [batch, m, n] or null; 0: the result is `fill` */
  void* c;                   /* [batch, heads, m, split_columns]: columns from 0 on */
  void* c1;                  /* the next split_columns columns, or null */
  void* c2;                  /* the rest, or null */
  struct MatrixStrides a_strides, b_strides, c_strides; /* as they lie; c1 and c2 lie as c does */
  int heads, m, n, k;
  int split_columns; /* n / 1, 2 or 3 */
  float alpha;       /* on A B */
  float fill;
};

/* Packed [batch, heads, m, n] in and out. */
struct MaskSoftmaxParams {
  const void* s;
  const unsigned char* mask; /* [batch, m, n] or null; 0: `fill` stands for scale * s */
  void* p;
  int rows; /* batch * heads * m */
  int heads, m, n;
  float scale;
  float fill;
};

struct BiasSplitParams {
  const void* x;    /* [m, n] */
  const void* bias; /* [n] */
  void* y;          /* [m, split_columns]: columns from 0 on */
  void* y1;         /* the next split_columns columns, or null */
  void* y2;         /* the rest, or null */
  int m, n;
  int split_columns; /* n / 1, 2 or 3 */
};

/* Packed; the kernel says which pointers it takes. */
struct ElementwiseParams {
  const void* x;             /* [batch, heads, count] */
  const unsigned char* mask; /* [batch, count] */
  void* y;                   /* as x; of equals_zero as mask */
  long long count;           /* m * n */
  int heads;
  float alpha;
};
