// An include that the layer table forbids: the test `layers_catches` must see it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/kernel_spec.h"
