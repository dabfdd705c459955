/* SPDX-License-Identifier: MIT */
/* Modules that come and go. */
#ifndef MARKS_MODULES_BPF_H
#define MARKS_MODULES_BPF_H

/* An index must be a number here: a variable's step would be that of the type in marks-flavours.bpf.h. */
#define PART_BYTES(module, part) ((s64)BPF_CORE_READ(module, mem[part].size))

/* Without what only the load needs, which is freed then: what lsmod shows. */
SEC("raw_tp/module_load")
int module_loaded(struct bpf_raw_tracepoint_args *ctx)
{
	struct module___m *module = (void *)ctx->args[0];
	struct module___layout *old = (void *)module;
	struct path_record *record = take_path(MARK_MODULE_LOADED, 1);

	if (!record)
		return 0;
	if (bpf_core_field_exists(old->core_layout))
		record->mark.value[0] = BPF_CORE_READ(old, core_layout.size);
	else /* text, data, data for reading alone, data for reading alone after the start */
		record->mark.value[0] = PART_BYTES(module, 0) + PART_BYTES(module, 1) + PART_BYTES(module, 2) + PART_BYTES(module, 3);
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
