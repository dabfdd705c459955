// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * marks.bpf.c: what happened while memory was traced (OOM kills, reclaim, cgroups, System V shared memory,
 * swap, modules) and when processes began and ended. An object of its own with a ring of its own: where it
 * cannot be loaded, the trace lacks its marks alone.
 *
 * Nothing here runs in an allocation: the hooks are rare events, most of which take the kernel longer than
 * a record takes. Tracepoints are hooked raw, so that each may be absent by itself; their arguments are the same from 5.10
 * to 7.3, but for what settings below tell apart. System calls are hooked at their functions: a tracepoint of
 * one system call slows down all of them.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "mark-records.h"
#include "marks-flavours.bpf.h"
#include "marks-ring.bpf.h"
#include "marks-cgroups.bpf.h"
#include "marks-stalls.bpf.h"
#include "marks-oom.bpf.h"
#include "marks-calls.bpf.h"
#include "marks-slow-calls.bpf.h"
#include "marks-modules.bpf.h"
#include "marks-lives.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
