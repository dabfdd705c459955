/** The types of the screen's state, without code, so that the reducer, the tabs and the lines can share them. */
import type { AllocatorName } from '../../event/kinds.js';
import type { TreeDirection } from '../../rank/breakdown/tree.js';
import type { Report } from '../../rank/report/report.js';
import type { StackDetail } from '../../rank/report/report-rows.js';
import type { Selection } from '../../rank/report/selection.js';
import type { MarksView, SessionSnapshot, UserAction } from '../../session/trace-session.js';
import type { CacheSort, ProcessKey, ProcessSort, ViewData, ViewRequest } from '../../session/view-data.js';
import type { Key, Place } from './keys.js';
import type { RowOrder } from './row-order.js';
import type { MemoryPage, TabName, TriagePage, ViewName } from './view-names.js';

export interface ViewState {
  mode: 'live' | 'replay';
  /** In the demo, the command that traces this machine; null otherwise. */
  demo: string | null;
  columns: number;
  rows: number;
  /** The newest snapshot; the header shows it. */
  snapshot: SessionSnapshot;
  /** The report that list and detail show: the newest, or an older one while the display is paused (`frozen`). */
  report: Report | null;
  detail: StackDetail | null;
  /** What happened on the machine, likewise held while the display is paused; null = nothing is known. */
  marks: MarksView | null;
  /** The session's answer for the view; it may still be the answer for another view. */
  data: ViewData | null;
  /** The request that `data` answers. */
  dataRequest: ViewRequest;
  /** The last request that was sent to the session. */
  asked: ViewRequest;
  frozen: boolean;
  /** The present view. */
  view: ViewName;
  /** Selection and scroll position of the other views' lists. */
  places: Readonly<Partial<Record<ViewName, ListPlace>>>;
  /** The way back: one step for each row that was gone into, the newest last. */
  trail: readonly TrailStep[];
  tree: TreeState;
  /** Keys of findings whose call paths are shown below them (tabs/finding-rows.ts). */
  openFindings: readonly string[];
  processesBy: ProcessKey;
  processesSort: ProcessSort;
  cachesSort: CacheSort;
  /** Time of the last action, ms; null while no action had one. */
  nowMs: number | null;
  /** Until then the last key holds the order of the lists. */
  heldUntilMs: number;
  /** The orders in which the rows of `report` and of `data` stand; null where they are as they came. */
  orders: { report: RowOrder | null; data: RowOrder | null };
  memoryPage: MemoryPage;
  triagePage: TriagePage;
  /** The tab that the first look was opened from. */
  triageFrom: TabName;
  /** The page of text that lies over the view (place 'page'); null = none. */
  page: OpenedPage | null;
  /** The part of the screen that gets the keys; the filter line and the menus lie over the list. */
  place: Place;
  /** The place that `back` returns to from help. */
  helpFrom: Place;
  selection: Selection;
  filterText: string;
  filterError: string | null;
  eventFilter: EventFilter;
  /** View.rowKey() of the selected row; null = the selection stays on the first row, whichever row that is. */
  selected: string | null;
  /** Index of the selected row. */
  selectedIndex: number;
  /** First visible row of list, detail or page, and help. */
  listTop: number;
  detailTop: number;
  helpTop: number;
  /** Which menu is open at the place 'menu', and its selected item. */
  menu: MenuName;
  menuIndex: number;
  /** The time being typed at the place 'time'. */
  time: TimeEntry;
  /** The text of a mark being typed at the place 'mark'. */
  markText: string;
  /** Notice.id of the newest notice at the last key: it and older ones are not shown any more. */
  noticeSeen: number;
  opened: OpenedStack | null;
  /** Target of the last seek until the session has reached it: the next relative seek counts from there. */
  seek: { timeNs: number; snapshotsLeft: number } | null;
  /**
   * The same, as long as the session is just before it: a seek counts as reached a little before its target, and the next
   * event behind the target is not the one that was gone to.
   */
  soughtNs: number | null;
  /** Requested speed that no snapshot shows yet; null = none. */
  speed: number | null;
  suspending: boolean;
  ended: boolean;
  /** Requests of the last action, for the session. */
  requests: readonly SessionRequest[];
}

/** The call path that is opened; it stays the same when its rank changes. */
export interface OpenedStack {
  stackId: number;
  allocator: AllocatorName;
}

/** What a page of text is about; it stays the same when figures change. */
export type OpenedPage =
  /** findingKey() of a finding of triage. */
  | { kind: 'finding'; key: string }
  /** A row of the tab Memory, or a term of the equation. */
  | { kind: 'line'; name: string }
  /** A class of pages, of a census. */
  | { kind: 'class'; name: string }
  /** A process and its mappings. `name` is untrusted. */
  | { kind: 'process'; pid: number; name: string }
  /** An event, by its EventRow.key. */
  | { kind: 'event'; key: string }
  /** A slab cache whose objects a census told apart. */
  | { kind: 'cache'; name: string };

/** Selection and scroll position of a list. */
export interface ListPlace {
  selected: string | null;
  selectedIndex: number;
  listTop: number;
}

/** What goInto() changed, so that goBack() can restore it. */
export interface TrailStep {
  view: ViewName;
  selection: Selection;
  filterText: string;
  /** Where the list of the view that was entered stood before. */
  place: ListPlace;
  /** The filter text after goInto(): goBack() first returns to it when the user has typed another one since. */
  filterInside: string;
}

export interface TreeState {
  direction: TreeDirection;
  /** Keys of TreeNode, as in TreeRequest; one set for both directions, for their keys differ. */
  open: readonly number[];
  deep: readonly number[];
  closed: readonly number[];
  /** Also the functions of kernel entry. */
  entries: boolean;
  /** True once the first answer has arrived. */
  begun: boolean;
}

export interface TimeEntry {
  text: string;
  /** Why the text is no time; null until Enter was pressed on it. */
  error: string | null;
}

/** The filter of the tab Events, which narrows no other view. */
export interface EventFilter {
  text: string;
  /** RegExp source of the last good text, null = none. */
  grep: string | null;
  /** Why the text is no regular expression. */
  error: string | null;
}

export type MenuName = 'sort' | 'group' | 'allocators' | 'export';

/** A request for the session; the owner of the session sends it. */
export type SessionRequest =
  | { name: 'select'; selection: Selection }
  | { name: 'open'; stackId: number | null }
  | { name: 'show'; view: ViewRequest }
  | { name: 'play' }
  | { name: 'pause' }
  | { name: 'seek'; timeNs: number }
  | { name: 'speed'; speed: number }
  | { name: 'act'; action: UserAction };

/** `nowMs`: when it happened, by any clock that only goes forward. Without it rows are taken as they come. */
export type ViewAction =
  | { type: 'snapshot'; snapshot: SessionSnapshot; nowMs?: number }
  | { type: 'resize'; columns: number; rows: number }
  | { type: 'key'; key: Key; nowMs?: number }
  /** The order of the rows is due to change (orderDueMs() in reducer/held-lists.ts). */
  | { type: 'tick'; nowMs: number }
  /** The requested suspension has begun. */
  | { type: 'suspended' };
