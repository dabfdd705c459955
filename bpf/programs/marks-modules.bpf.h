/* SPDX-License-Identifier: MIT */
/* Modules that come and go. */
#ifndef MARKS_MODULES_BPF_H
#define MARKS_MODULES_BPF_H

SEC("raw_tp/module_load")
int module_loaded(struct bpf_raw_tracepoint_args *ctx)
{
	struct module___m *module = (void *)ctx->args[0];
	struct module___layout *old = (void *)module;
	struct path_record *record = take_path(MARK_MODULE_LOADED, 1);
	s64 bytes = 0;

	if (!record)
		return 0;
	if (bpf_core_field_exists(old->core_layout)) {
		bytes = (s64)BPF_CORE_READ(old, core_layout.size) + BPF_CORE_READ(old, init_layout.size);
	} else {
#pragma clang loop unroll(full)
		for (int i = 0; i < 7; i++)
			bytes += BPF_CORE_READ(module, mem[i].size);
	}
	record->mark.value[0] = bytes;
	bpf_probe_read_kernel_str(record->path, 64, &module->name);
	send(record);
	return 0;
}

SEC("raw_tp/module_free")
int module_unloaded(struct bpf_raw_tracepoint_args *ctx)
{
	struct module___m *module = (void *)ctx->args[0];
	struct path_record *record = take_path(MARK_MODULE_UNLOADED, 0);

	if (!record)
		return 0;
	bpf_probe_read_kernel_str(record->path, 64, &module->name);
	send(record);
	return 0;
}

#endif
