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
  cards?: import("./cards.js").Layout;
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
  printed: Map<Element, string>;
}
