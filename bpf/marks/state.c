// SPDX-License-Identifier: MIT
/* What the parts share: the loaded programs, and whom to tell of cgroups. */
#include "marks.h"

struct marks *marks_skel;
const struct marks_calls *marks_told;
