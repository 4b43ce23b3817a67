// Shapes that modules share, for those who check the script: `tsc --checkJs`. No page reads this.

/** A text by language. */
type Localised = Record<string, string>;

/** Columns of equal length, in the order of the official table. */
interface Agencies {
  code: string[];
  /** One for each of the languages. */
  name: string[][];
  alias: string[][];
  /** Place in `kinds`. */
  kind: (number | null)[];
  /** Place in the labels of `bands`. */
  band: (number | null)[];
  rank: (number | null)[];
  total: (number | null)[];
  /** Per axis, the score that counts: after caps, and after what is made of a missing one. */
  axis: (number | null)[][];
  /** Per axis: 0 scored, 1 missing, 2 not applicable, 3 missing and forbids a total. */
  state: number[][];
  /** The lowest cap on the total that holds. */
  bound?: (number | null)[];
  /** 1 where the agency is ranked if its coverage suffices. */
  among: number[];
  growth: (number | null)[];
  /** Places up since the period before. */
  change: (number | null)[];
  services: (number | null)[];
  coverage: (number | null)[];
  /** Per axis. */
  axisCoverage: (number | null)[][];
}

/** The data of a page: see egovrules.html.payload. */
interface Payload {
  languages: string[];
  ruleset: {
    digest: string;
    /** Of a total, for ranking; null: nine count. */
    decimals: number | null;
    /** Decimals of a total as printed. */
    shown: number;
    tied: string | null;
    minCoverage: number;
    ties: string;
    exact: boolean;
  };
  axes: { id: string; weight: number }[];
  total: { by: string; with?: { exponent?: number }; minShare?: number; adjustable: boolean };
  kinds: { id: string; title: Localised }[];
  bands: { labels: { id: string; title: Localised }[] } | null;
  agencies: Agencies;
  digest: string;
  /** Of the axes whose scores are in it, in their order. */
  digested: string[];
  cards?: Layout;
}

/** How every agency stands, in the order of the official table. */
interface Standing {
  totals: (number | null)[];
  ranks: (number | null)[];
  /** Ranks as shown, in Latin digits. */
  labels: string[];
  /** Places up; null for the official standing. */
  moves: (number | null)[] | null;
}

type Direction = "asc" | "desc";

/** What a reader chose; null and empty text: as the page opens. */
interface State {
  language: string;
  /** What the ranking is sorted by. */
  sort: string | null;
  /** Null: the direction that is usual for the column. */
  direction: Direction | null;
  query: string;
  kind: string;
  band: string;
  /** Of the axes; null for the official ones. */
  weights: number[] | null;
  /** Whose card is open. */
  agency: string | null;
  /** Why weights of a link were not taken: the digest of its ruleset; empty: they do not fit. */
  refused: string | null;
}

/** What a state can hold on a page. */
interface Choices {
  /** Of the ruleset. */
  digest: string;
  /** In which the page opens. */
  language: string;
  languages: string[];
  sorts: string[];
  kinds: string[];
  bands: string[];
  agencies: string[];
  /** How many; 0 where weights are not adjustable. */
  axes: number;
}

/** The ranking table of one language. */
interface Ranking {
  body: HTMLElement;
  /** In the order of the data. */
  rows: HTMLElement[];
  /** Those that can be sorted by. */
  heads: HTMLElement[];
  /** What cells held before they were changed. */
  printed: Printed;
}

/** One per agency. */
type Values = (number | string | null)[];

/** What elements held before they were changed. */
type Printed = Map<Element, Node[]>;

type Inner = (string | Node)[];

/** Of an element; those that are undefined are left out. */
type Attributes = Record<string, string | number | undefined>;

/** A child of a node. */
interface Child {
  score: number | null;
  weight: number;
}

type Combination = (children: Child[], parameters: { exponent?: number }) => number | null;

/** Where rows stand in a drawing: see egovrules.html.charts.rows. */
interface Frame {
  rows: number;
  rtl: boolean;
  width: number;
  size: number;
  top: number;
  step: number;
  lead: number;
  end: number | null;
  below: number;
  start: number;
  unit: number;
  /** 0 where bars stand end to end. */
  across: number;
  pitch: number;
  scale: [number, number];
  axes: string[];
  /** The text alternative, with a place for names, and what parts these. */
  told: string;
  between: string;
  /** Per agency, how much of its name has room; 0: all. */
  kept: number[];
}

/** An agency in the chart of the first; numbers as shown. */
interface Leader {
  name: string;
  kept: number;
  rank: string;
  total: string;
  parts: { value: number; text: string }[];
}

/** In units of the last decimal; an entry; or nothing. */
type Cell = number | number[] | null;

/** A number as it prints in English; or a text per language. */
type Entry = string | string[];

/** What all agencies share of a column of scorecards. */
interface Spec {
  /** Entry of its heading. */
  h: number;
  /** 1 where it stands to the right. */
  n: number;
  /** How its cells are written. */
  k: "same" | "word" | "cell" | "text";
  /** Which of an agency's data holds them. */
  in: number;
  /** What parts the cells of `text`. */
  between?: string;
  /** Characters of each row; 0 where cells are a list. */
  w: number;
  /** What `cell` has that is no number, counted first. */
  x?: Cell[];
  /** The lowest number of `cell`, counted next. */
  min?: number;
  /** What a word's number is multiplied by there. */
  by?: number;
  /** Entries, of `same` by row and of `word` by place. */
  v?: number[];
  /** Decimals of `cell`. */
  d?: number;
  /** `+` for signed, `%` for shares. */
  f?: string;
  /** Entry that rows read of which nothing is told. */
  rest?: number;
  /** 1 where a bar goes with the number. */
  bar?: number;
  /** Entries that say that an answer is missing. */
  gaps?: number[];
}

interface PartSpec {
  id: string;
  title: number;
  columns: Spec[];
  depth: number[];
  notes: number[];
}

/** What all scorecards share. */
interface Layout {
  words: Entry[];
  parts: PartSpec[];
  labels: Record<string, number>;
  scale: [number, number];
}

interface CardPart {
  id: string;
  title: string;
  columns: { heading: string; numeric: boolean }[];
  rows: string[][];
  depth: number[];
  /** For each row, how much of the scale is filled, in thousandths. */
  bars: number[];
  /** For each row, indicators with their values. */
  answers: [string, string][][];
  /** For each row, which of these are missing, and why. */
  missing: string[];
  notes: string[];
  /** Tone and text. */
  lines: [string, string][];
}

type Word = (told: number | Entry) => string;
type Behind = Pick<CardPart, "answers" | "missing">;
