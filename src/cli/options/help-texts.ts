/** The texts that --help and the manual page print after the options of each command: rules and examples. */
export const PROGRAM_EXAMPLES = `
Without a command: traces this machine on the screen. Where it cannot, it says why and shows a demo,
a recording of another machine. Without a terminal it prints the ranking of a 10 s run. What the screen shows is
also recorded, up to 256 MiB, to last.unfreed in $XDG_CACHE_HOME/unfreed (or ~/.cache/unfreed), over that of the last
time; --no-record or UNFREED_NO_RECORD=1 keeps nothing.

Examples:
  unfreed triage                               the first look: what is abnormal, without a trace
  unfreed live                                 who holds kernel memory, now
  unfreed record -o x.unfreed --duration 5m    take a recording on the customer's machine...
  unfreed replay x.unfreed                     ...and read it at home
  unfreed top --duration 30s --allocator page  the ranking as text
  unfreed export x.unfreed -o x.html           a report to look at; also pprof, csv...
  unfreed diff a.unfreed b.unfreed             what grew from one recording to the next
  unfreed doctor                               what is missing here, and what to do

Plain characters instead of curves and signs: --ascii, TERM=dumb, TERM=linux, vt100 and its like, or a locale without
UTF-8 (LC_ALL=C). Colours are for terminals; NO_COLOR=1 turns them off.

Exit status: 0 done, 1 could not (the reason is on stderr), 2 wrong usage, 3 a condition of --fail-if holds, 70 a bug in
unfreed.`;

export const LIVE_HELP = `
Needs root (or sudo without a password: then only the collector runs as root), or the capabilities BPF, PERFMON and SYSLOG
("unfreed doctor" says what is missing). While it traces, the collector keeps BPF and PERFMON alone. Keys are shown by ? on the screen.
Outstanding means: allocated since the trace began and not yet freed. Let it run for some multiples of the
period of the work you suspect; what only grows comes to the top.

Examples:
  unfreed live
  unfreed live --record x.unfreed --hide accounted        only what no line of /proc/meminfo shows
  unfreed live --min-age 1s        what is freed within a second stays in the kernel: a tenth of the events
  unfreed live --sample 1/16       one address in 16, totals with their 95 % interval: next to no cost
  unfreed live -p 4711             what this process maps and does not unmap, by its own call paths
  unfreed live --heap -p 4711      and each block that it allocates: 1.8 us a malloc and free, a note says what that comes to
  unfreed live -p redis-server     the same of all processes of that name, and -p /system.slice/x.service of a cgroup`;

export const RECORD_HELP = `
Ends at --duration, at --max-size, when the command exits, or on Ctrl-C (SIGINT, SIGTERM): the file is whole in
each case, and a recorder that is killed loses at most its last second. A command that still runs at the end is told
to end (SIGTERM); its own exit status is said, and is not that of unfreed.

The file also holds a look at the machine at its start and at its end, for unfreed triage FILE; not if --max-size is
below 4M.

With --keep the newest part is always FILE; older ones are FILE.000001, FILE.000002 and so on, and the oldest are
deleted. replay FILE reads all that are there as one recording; each can also be read by itself.

Examples:
  unfreed record -o boot.unfreed --duration 10m
  unfreed record -o build.unfreed -- make -j8
  unfreed record -o pages.unfreed --allocator page --min-size 16k
  unfreed record -o maps.unfreed --maps -- ./server          the address space of a command, from its first call on
  unfreed record -o heap.unfreed --heap -- ./server          and each block that it allocates and does not free
  unfreed record -o week.unfreed --max-size 1G --keep 5      the last 4 to 5 GB, for as long as it takes
  unfreed record -o week.unfreed --min-age 1s --max-overhead 2%   only what outlives a second, at little cost`;

export const REPLAY_HELP = `
The file is read to its end at once; then time is yours: space or p plays, left and right seek, < and > change the
speed, home and end jump. ? shows all keys.

What can be read only from its start (a text, the stream of unfreed-collect, a pipe, anything gzipped) is put, while it
is read, in a file without a name in the temporary directory (TMPDIR, or else /tmp), so that any time is shown at once: 5
to 8 bytes an event, at most half of what is free there, gone with the process. --no-spool does without: going back then
reads from the start.

Examples:
  unfreed replay x.unfreed
  unfreed replay perf-script.txt.gz --allocator page      another tool's text, read as it is
  perf script | unfreed replay -                          keys are read from the terminal`;

export const IMPORT_HELP = `
What the input is, is told by its content. replay, top, export and info read the same texts directly; a recording is a
fiftieth of the size and is read many times faster.

A text that does not cover all (no frees, a sample, one process or CPU) is read, and its notes say what can be concluded.
--page-size says the size of a page (getconf PAGESIZE) where the text does not tell it.

A dump of page_owner (raw, sorted by page_owner_sort, page_owner_stacks/show_stacks), of allocinfo, slabinfo or vmallocinfo is
read too. It is no trace: its rows, marked "before", are what was held at one moment. unfreed diff of two shows what grew.

Where the text comes from:
  perf record -a -g -e 'kmem:*' -- sleep 10; perf script --header | gzip > x.txt.gz
  trace-cmd record -T -e kmem sleep 10; trace-cmd report > x.txt
  echo 1 > options/stacktrace; echo 0 > options/hash-ptr; echo 1 > events/kmem/enable; cat trace > x.txt   (in tracefs)
  cat /sys/kernel/debug/page_owner > x.txt   (booted with page_owner=on);  cat /proc/allocinfo > x.txt
  unfreed import x.txt.gz -o x.unfreed`;

export const CUT_HELP = `
Times are those of the replay. The copy begins at 0, so that ages, growth and rates are those of the stretch; the
date and time of day stay true. What was allocated before --from is not in it: its frees become orphan frees, and
what was outstanding then is not counted.

Example:
  unfreed cut day.unfreed --from 2h10m --to 2h20m -o leak.unfreed`;

export const REPAIR_HELP = `
Commands read damaged recordings as they are; a repaired copy is whole, can be handed on, and keeps the losses on
record: they count as lost events in its totals. Where the file's own header is gone, its chunks are looked for.`;

export const TOP_HELP = `
The conclusions stand first: what grows, who holds it, how fast, and where /proc/meminfo counts it. -q prints them alone. Then
each row is a finding: the call paths of one cause, those that one process makes together. --group stack lists every call path.

--group makes one row of call paths: path (that differ only in allocator plumbing, in offsets, or in what an interrupt hit),
site (the place that wanted memory), module (that nearest to the memory), comm (process name), cache or category.

--suppress and --watch read rules, a line each: a function, or several from the leaf on, and the reason.
  mas_*                                  # maple tree: '*' and '?' are wildcards
  __d_alloc < d_alloc_parallel           # called by it directly
  alloc_inode < ... < ext4_lookup [ext4] # with any between; in this module
What is suppressed stays in the totals, and is summed up below the ranking. 'default' is a list that is built in.

--fail-if ends with status 3 when its condition holds, by all rows that pass the selection, shown or not:
  [any|total] growing|bytes|count|age|missed|allocs > VALUE [including unreliable]
  lost|unaccounted|unaccounted-growth|referenced|unexplained > VALUE   (referenced: mapped nowhere, but held by a reference;
  unexplained: of memory in use no call path, of the VmSize of processes no mapping)
A row is growing by its verdict and the low end of its interval ('growing' alone: at whatever pace); bytes are those that
are certain (no lost frees). Unreliable rows fail nothing unless asked for; backing pages never do. What cannot be told
(a trace too short, no samples) ends with status 1.

--interval prints a ranking each time, below a head line with the time: of a run until Ctrl-C, --count or --duration, of a
recording at these times of the trace and at its end. Into a pipe or a file each ranking is written at once.

--at reports on a recording as it stood at a moment: a time of the trace, or the moment at which most was held in all (no
byte twice, without the tracer's own; whatever the filters are). What came later is not read.

--caches lists the slab caches with the columns of slabtop: objects in use and in all, use, sizes, slabs. Without a file and
without an option of tracing it reads /proc/slabinfo (as root) and prints it at once; --interval again and again, with the growth. With
--duration, or of a recording, what is held stands beside. --sort: a column, or slabtop's letter (a b c l v n o p s u).

Examples:
  unfreed top --duration 30s
  unfreed top --caches --sort cache-size -n 20
  unfreed top --interval 1m -n 3 >> /var/log/unfreed.log
  unfreed top x.unfreed -n 30 --sort growth --older 10s
  unfreed top x.unfreed --allocator slab --grep 'ext4|jbd2' --frames
  unfreed top x.unfreed --group module --suppress default
  unfreed top soak.unfreed --watch ours.rules --fail-if 'growing > 1M/h' --fail-if 'lost > 0'`;

export const EXPORT_HELP = `
Formats, the names of -o that ask for them, and who reads them:
  json        .json                the whole report (format unfreed-report, version 1): jq, scripts
  csv         .csv                 a line a call path: spreadsheets, databases
  folded      .folded              a line a call path, root first, outstanding bytes: flamegraph.pl, inferno, speedscope
  pprof       .pb.gz .pprof        a heap profile: go tool pprof, Pyroscope, Parca
  speedscope  .speedscope.json     www.speedscope.app
  firefox     .firefox.json        profiler.firefox.com: call paths over time, a track a category
  html        .html                a report with charts and a flame graph, in one file that needs no network
  svg         .svg                 a flame graph as a picture
  markdown    .md                  for a bug report: machine, losses, totals, the first call paths with all frames
Pages that other allocators stand on (category backing) are in all but html and svg; do not add them to the rest.
--group makes rows of json, csv and markdown; the others hold every call path by itself. What --group, --suppress, --watch,
--at and --fail-if mean, unfreed top --help says.

Examples:
  unfreed export x.unfreed -o x.html
  unfreed export x.unfreed -o x.pb.gz && go tool pprof -top x.pb.gz
  unfreed export x.unfreed --at peak -o peak.html
  unfreed export --duration 30s --format markdown --hide accounted`;

export const DIFF_HELP = `
It begins with sentences, each behind a word for grep: GREW, NEW, SHRANK, GONE, QUIET (nothing grew) or DOUBT (do not
rely on it); -q prints these alone. They say who holds what, by how much it changed and in what time, and which line of
/proc/meminfo counts it. Then each call path that changed has a row with the columns of the tab Diff, and below it the
change in pages or objects: GROWTH is the pace of what still grows, WHO has a pid where one process holds it. Between
two recordings there is no pid, because after a boot the same pid is another process.

Of two recordings, what was outstanding at the end of each is compared: allocated in it and not yet freed. Their lengths
may differ; the pace below a row, one less the other, allows for that. Of one recording, what was outstanding at --from and at --to. Call paths
of two boots are matched by function, offset and module; where the kernels are different builds, by function and module.
A process is restarted when its name has another pid, and new or gone when it holds nothing on the other side. So is a
container or pod whose cgroup has another path: its name tells it, or a path that differs in ids alone and what runs in
it. A process's allocs are outstanding allocations made between the two moments, or in the second recording.

Two censuses (unfreed census --format json) are subtracted, as unfreed census A B does. Where both recordings carry one
(record --census), text, markdown and html end with what grew between the two by class of pages and by holder.

What grew comes first, by bytes weighed by category and verdict, so that page cache stands below what only its code gives
back; --sort bytes weighs nothing. Of samples (--sample), bytes are what was seen, and estimates stand for all.

Formats: text; json (format unfreed-diff, version 1); csv; markdown, for a bug report; folded, with two counts a line
(flamegraph.pl draws it in red and blue); html and svg, a differential flame graph.

--fail-if '[any|total] grown > VALUE [including unreliable]' ends with status 3 when a call path, or all together, have
grown by more than a size (10M) or a size a time (1M/h); 'lost > 0' when events were lost. Of two recordings, a size a
time is the pace of one less that of the other.

Examples:
  unfreed diff monday.unfreed tuesday.unfreed
  unfreed diff soak.unfreed --from 10m --to 8h -n 20
  unfreed diff soak.unfreed --from 10m -q
  unfreed diff soak.unfreed --from 10m --hide accounted -o growth.html
  unfreed diff monday.json friday.json                   two censuses
  unfreed diff a.unfreed b.unfreed --format folded | flamegraph.pl --countname bytes > diff.svg`;

export const COMPLETION_HELP = `
  bash  unfreed completion bash > ~/.local/share/bash-completion/completions/unfreed
  zsh   unfreed completion zsh > DIRECTORY/_unfreed     (a directory of $fpath)
  fish  unfreed completion fish > ~/.config/fish/completions/unfreed.fish`;

export const MAN_HELP = `
  unfreed man | man -l -                                to read it
  unfreed man > /usr/local/share/man/man1/unfreed.1     to install it`;

export const INFO_HELP = `
Examples:
  unfreed info x.unfreed
  unfreed info x.unfreed --json | jq .losses`;

export const EVENTS_HELP = `
Without a file it needs root, and prints each event as it comes, as oomkill, drsnoop and shmsnoop do. A recording has the
same events. TIME is seconds since the trace began. Of an OOM kill PID is who asked for memory; of a stall, who waited.
Stalls below 1 ms come summed by process, within two seconds.

Kinds: user, oom-kill, reclaim, memcg-reclaim, compaction, shmget, shmat, shmdt, shmctl, cgroup-made, cgroup-removed,
cgroup-renamed, cgroup-released, module-loaded, module-unloaded, swap-on, swap-off, drop-caches, exec, exit (of the command of
record, and of --watch-comm).

Where the kernel lets nobody hook functions, shared memory and swap are followed by tracepoints, which slow down every
system call of the machine by some 0.1 us: events does that, record and live do not, and a note says so.

Examples:
  sudo unfreed events --kind oom-kill,memcg-reclaim
  unfreed events x.unfreed --from 1m --to 2m
  unfreed events x.unfreed --json | jq '.marks[] | select(.kind == "oom-kill")'`;

export const MARK_HELP = `
unfreed record and unfreed live take marks while they trace, of the same user alone, through a socket in a directory that
nobody else can enter (/run/unfreed, XDG_RUNTIME_DIR, or the temporary directory).

Examples:
  unfreed mark "deploy 42"
  unfreed events x.unfreed --kind user`;

export const TRIAGE_HELP = `
It begins with counters alone: no trace, no eBPF, and half of it needs no root. It says which item of the machine's memory is
abnormal, by which rule, who holds it, and which command comes next. What could not be read is listed with what it would
have decided. -v prints every term of MemTotal with its source.

As root, and only where memory that no line counts, slab or removed cgroups are abnormal, it also takes a census of the
pages (see unfreed census --help), which names who holds them.

FILE is a sosreport or supportutils archive of any compression, or the folder it was unpacked into; a text of
/proc/meminfo, slabinfo, vmallocinfo or zoneinfo; a kernel log with an OOM report, or a part of one; the output of
slabtop -o, ps aux, top -b, free, vmstat -s or -m, sar (-r, -r ALL, -B, -S, -W, -A), or kmem of crash; page_owner or
allocinfo; a cgroup's memory.stat; a folder of such texts; or - for standard input. A rule judges what a text has, and
what it lacks is listed. Different texts of one machine, each in a file, are one look. Two or more looks give what grew,
by the hour: by the times in the texts, else in the names of the files (meminfo-2026-11-30T10:00), else of their last
change. A file may also hold many samples of a text, each below a date.
A recording has the look that was taken as it began, and samples of the counters until its end: an older one has those
alone.

Examples:
  unfreed triage                            this machine, now
  unfreed triage --watch 1m                 again each minute: what grows, and when memory is used up
  unfreed triage sosreport-db-17.tar.xz     a customer's machine, without access to it
  unfreed triage monday.tar.xz friday.tar.xz
  unfreed triage meminfo slabtop.txt sar.txt
  dmesg | unfreed triage -                  the last OOM report
  unfreed triage x.unfreed                  the machine of a recording

Exit status: 0 nothing abnormal, 3 something is, 1 nothing could be read.`;

export const CENSUS_HELP = `
Answers for memory that is gone already: no trace saw it being taken. It reads the kernel's record of every page through
an eBPF program, says what each page is, and looks for what refers to those that no line of /proc/meminfo counts. It
takes no lock and changes nothing. The memory of processes and the content of files are not read.

Pages are counted by class, by cgroup (removed ones too), by caller of vmalloc. A holder is named by the slab cache that
its pointers stand in, and by a symbol found beside them: kmalloc-cg-1k{anon_pipe_buf_release} is the buffers of a pipe.
Where /proc tells who has such a thing open, the row names the process.

It takes root, or CAP_BPF, CAP_PERFMON, CAP_SYSLOG and CAP_SYS_ADMIN. Kernel lockdown in confidentiality mode refuses it.

Examples:
  unfreed census                             who holds what no line of /proc/meminfo shows
  unfreed census --quick                     pages by class, cgroup and caller alone: some 0.3 s for 24 GB
  unfreed census --cache kmalloc-256         what the objects of that cache are
  unfreed census --orphans                   objects that nothing was found to refer to
  unfreed census --format json -o monday.json
  unfreed census monday.json friday.json     what grew between them
  unfreed census x.unfreed                   those of a recording: record --census, or C while it ran`;
