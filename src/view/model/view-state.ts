/** What the screen's state is made of: types alone, so that the reducer, the tabs and the lines can share them. */
import type { AllocatorName } from '../../event/kinds.js';
import type { TreeDirection } from '../../rank/breakdown/tree.js';
import type { Report, StackDetail } from '../../rank/report/report.js';
import type { Selection } from '../../rank/report/selection.js';
import type { SessionSnapshot, UserAction } from '../../session/trace-session.js';
import type { CacheSort, ProcessKey, ProcessSort, ViewData, ViewRequest } from '../../session/view-data.js';
import type { Key, Place } from './keys.js';
import type { ViewName } from './view-names.js';

export interface ViewState {
  mode: 'live' | 'replay';
  columns: number;
  rows: number;
  /** Newest: the header shows this. */
  snapshot: SessionSnapshot;
  /** What the list and the detail show: the newest, or an older one while the display is held still. */
  report: Report | null;
  detail: StackDetail | null;
  /** What the session has worked out for the view; may still be of another one. */
  data: ViewData | null;
  /** What `data` answers. */
  dataRequest: ViewRequest;
  /** What the session was asked for last. */
  asked: ViewRequest;
  frozen: boolean;
  /** The present tab. */
  view: ViewName;
  /** Where the other views' lists stand. */
  places: Readonly<Partial<Record<ViewName, ListPlace>>>;
  /** The way back from what was gone into. */
  trail: readonly TrailStep[];
  tree: TreeState;
  processesBy: ProcessKey;
  processesSort: ProcessSort;
  cachesSort: CacheSort;
  /** Where the keys go; the filter line and the menus lie over the list. */
  place: Place;
  /** Where `back` leads from help. */
  helpFrom: Place;
  selection: Selection;
  filterText: string;
  filterError: string | null;
  /** View.rowKey() of the present view's selected row; null = the first row, whichever it is. */
  selected: string | null;
  /** Index of the selected row. */
  selectedIndex: number;
  /** First visible row of list, detail and help. */
  listTop: number;
  detailTop: number;
  helpTop: number;
  /** Which menu is open at the place 'menu', and its selected item. */
  menu: MenuName;
  menuIndex: number;
  /** The time that is being typed. */
  time: TimeEntry;
  /** Notice.id of the last one that the user has answered with a key. */
  noticeSeen: number;
  opened: OpenedStack | null;
  /** Where the last seek went, until the session is there: a second seek goes on from it. */
  seek: { timeNs: number; snapshotsLeft: number } | null;
  /** Asked for and not yet seen in a snapshot. */
  speed: number | null;
  suspending: boolean;
  ended: boolean;
  /** What this action asks of the session. */
  requests: readonly SessionRequest[];
}

/** A call path, whatever its rank is now. */
export interface OpenedStack {
  stackId: number;
  allocator: AllocatorName;
}

/** Where a list stands while another view is shown. */
export interface ListPlace {
  selected: string | null;
  selectedIndex: number;
  listTop: number;
}

/** What going into a row changed: the way back. */
export interface TrailStep {
  view: ViewName;
  selection: Selection;
  filterText: string;
  /** Of the view that was gone to, before that. */
  place: ListPlace;
  /** The filter that this set: one that is typed after it is cleared first. */
  filterInside: string;
}

export interface TreeState {
  direction: TreeDirection;
  /** Keys of TreeNode, as in TreeRequest; one set for both directions, for their keys differ. */
  open: readonly number[];
  deep: readonly number[];
  closed: readonly number[];
  /** The first answer has come. */
  begun: boolean;
}

export interface TimeEntry {
  text: string;
  /** Why what was typed is no time; null while nothing was tried. */
  error: string | null;
}

export type MenuName = 'sort' | 'group' | 'allocators' | 'export';

/** What a state asks of the session; whoever holds the session sends it. */
export type SessionRequest =
  | { name: 'select'; selection: Selection }
  | { name: 'open'; stackId: number | null }
  | { name: 'show'; view: ViewRequest }
  | { name: 'play' }
  | { name: 'pause' }
  | { name: 'seek'; timeNs: number }
  | { name: 'speed'; speed: number }
  | { name: 'act'; action: UserAction };

export type ViewAction =
  | { type: 'snapshot'; snapshot: SessionSnapshot }
  | { type: 'resize'; columns: number; rows: number }
  | { type: 'key'; key: Key }
  /** The suspension that was asked for is under way. */
  | { type: 'suspended' };
