// What needs no page: order, search, ranks, the fragment of the address, and what moves.

import assert from "node:assert/strict";
import test from "node:test";

import { combine, contributions } from "../../src/egovrules/html/script/aggregate.js";
import {
  fitting,
  searchTexts,
  sortValues,
  sortedBy,
  usualDirection,
} from "../../src/egovrules/html/script/order.js";
import { rankLabels, rankScores } from "../../src/egovrules/html/script/rank.js";
import { readFragment, writeFragment } from "../../src/egovrules/html/script/state.js";
import { fillIn, localNumber, searchText, searchWords } from "../../src/egovrules/html/script/text.js";
import {
  movement,
  officialShares,
  sharesOf,
  weightsAfter,
} from "../../src/egovrules/html/script/weights.js";

const CHOICES = {
  digest: "0123456789abcdef",
  language: "en",
  languages: ["en", "fa"],
  sorts: ["rank", "name", "total", "open"],
  kinds: ["ministry", "a b&c=d"],
  bands: ["high", "low"],
  agencies: ["0135", "نهاد"],
  axes: 3,
};

const OPENING = readFragment("", CHOICES);

const PAYLOAD = {
  kinds: [{ id: "ministry" }, { id: "fund" }],
  bands: { labels: [{ id: "high" }, { id: "low" }] },
  axes: [{ weight: 1 }, { weight: 1 }, { weight: 1 }],
  agencies: {
    code: ["0101", "0102", "0103"],
    name: [
      ["Ministry of Roads", "وزارت راه‌سازی"],
      ["Pension Fund", "صندوق بازنشستگی کشوری"],
      ["Bureau 12", "دفتر ۱۲"],
    ],
    alias: [["MoR"], [], ["Straße"]],
    kind: [0, 1, null],
    band: [0, 1, null],
  },
};

// --- order ------------------------------------------------------------------------------------

test("null is last in both directions, and equal values keep their order", () => {
  const values = [2, null, 1, 2, null, 3];
  const places = [5, 4, 3, 2, 1, 0];
  assert.deepEqual(sortedBy(places, values, "asc", "en"), [2, 3, 0, 5, 4, 1]);
  assert.deepEqual(sortedBy(places, values, "desc", "en"), [5, 3, 0, 2, 4, 1]);
});

test("names are sorted by the alphabet of the language", () => {
  const names = ["گمرک", "کار", "بانک", "آب", "یزد", "پست"];
  const order = sortedBy([0, 1, 2, 3, 4, 5], names, "asc", "fa").map((place) => names[place]);
  assert.deepEqual(order, ["آب", "بانک", "پست", "کار", "گمرک", "یزد"]);
});

test("scores are read from the top, ranks and names from the start", () => {
  assert.deepEqual(["rank", "name", "total", "x"].map(usualDirection), ["asc", "asc", "desc", "desc"]);
});

test("every column that can be shown has values to sort by", () => {
  const numbers = (from) => [from, from + 1, from + 2];
  const { agencies } = PAYLOAD;
  const payload = {
    languages: ["en", "fa"],
    axes: [{ id: "a" }, { id: "one.x" }],
    agencies: {
      ...agencies, axis: [numbers(10), numbers(20)], growth: numbers(30), coverage: numbers(40),
      services: numbers(50), change: numbers(60),
    },
  };
  const official = { ranks: numbers(1), totals: numbers(70), moves: null };
  const by = (key, standing = official) => sortValues(payload, standing, key, "fa");
  assert.deepEqual(by("axis.a"), numbers(10));
  assert.deepEqual(by("axis.one.x"), numbers(20));
  assert.deepEqual(by("growth"), numbers(30));
  assert.deepEqual(by("coverage"), numbers(40));
  assert.deepEqual(by("services"), numbers(50));
  assert.deepEqual(by("change"), numbers(60));
  assert.deepEqual(by("change", { ...official, moves: numbers(-1) }), numbers(-1));
  assert.deepEqual(by("total"), numbers(70));
  assert.deepEqual(by("rank"), numbers(1));
  assert.deepEqual(by("band"), agencies.band);
  assert.deepEqual(by("name")[0], "وزارت راه‌سازی");
});

// --- search -----------------------------------------------------------------------------------

function found(query, more = {}) {
  const state = { ...OPENING, query, ...more };
  const fits = fitting(PAYLOAD, searchTexts(PAYLOAD), state);
  return PAYLOAD.agencies.code.filter((_, place) => fits[place]);
}

test("a search finds names in both scripts, aliases and codes, however they are typed", () => {
  assert.deepEqual(found(""), ["0101", "0102", "0103"]);
  assert.deepEqual(found("ROADS ministry"), ["0101"]);
  for (const typed of ["راه سازی", "راه‌سازی", "راهسازی", "وزارت راهسازي"]) {
    assert.deepEqual(found(typed), ["0101"], typed);
  }
  assert.deepEqual(found("كشوري"), ["0102"]);
  assert.deepEqual(found("mor"), ["0101"]);
  assert.deepEqual(found("STRASSE"), ["0103"]);
  assert.deepEqual(found("۱۲"), ["0103"]);
  assert.deepEqual(found("٠١٠٢"), ["0102"]);
  assert.deepEqual(found("roads fund"), []);
  const marked = searchText(["مؤسسهٔ آموزش", "رئیس", "Côte d’Ivoire"]);
  for (const typed of ["موسسه اموزش", "مؤسسه آموزش", "رییس", "رئيس", "cote", "CÔTE"]) {
    assert.ok(searchWords(typed).every((word) => marked.includes(word)), typed);
  }
});

test("filters by kind and band add up with the search; unknown ones filter nothing", () => {
  assert.deepEqual(found("", { kind: "fund" }), ["0102"]);
  assert.deepEqual(found("", { band: "high" }), ["0101"]);
  assert.deepEqual(found("0103", { kind: "fund" }), []);
  assert.deepEqual(found("", { kind: "no such" }), ["0101", "0102", "0103"]);
  const bare = { ...PAYLOAD, bands: null };
  assert.deepEqual(fitting(bare, searchTexts(bare), { ...OPENING, band: "high" }), [
    true,
    true,
    true,
  ]);
});

// --- digits -----------------------------------------------------------------------------------

test("digits and signs are exchanged", () => {
  assert.equal(localNumber("-1,234.5%", "fa"), "\u200e\u2212۱٬۲۳۴٫۵٪");
  assert.equal(localNumber("-1,234.5%", "en"), "-1,234.5%");
  assert.equal(fillIn("{n} of {m}: {x} {n}", { n: 1234, x: "{n}" }, "fa"), "۱٬۲۳۴ of {m}: {n} ۱٬۲۳۴");
  assert.deepEqual(searchWords("  كار‌خانه  "), ["کار", "خانه"]);
});

// --- ranks ------------------------------------------------------------------------------------

test("ties share what the ruleset says", () => {
  const scores = [70, 90, null, 70, 50];
  const codes = ["e", "d", "c", "b", "a"];
  const ranked = (ties) => rankScores(scores, ties, codes);
  assert.deepEqual(ranked("min"), [2, 1, null, 2, 4]);
  assert.deepEqual(ranked("max"), [3, 1, null, 3, 4]);
  assert.deepEqual(ranked("dense"), [2, 1, null, 2, 3]);
  assert.deepEqual(ranked("average"), [2.5, 1, null, 2.5, 4]);
  assert.deepEqual(ranked("ordinal"), [3, 1, null, 2, 4]);
  assert.deepEqual(rankLabels(ranked("average"), "="), ["=2.5", "1", "", "=2.5", "4"]);
});

// --- aggregation by hand ------------------------------------------------------------------------

test("means are those of the textbook, without what is missing", () => {
  const of = (by, pairs, more = {}) =>
    combine(by, more, pairs.map(([score, weight]) => ({ score, weight })));
  const pairs = [[4, 1], [null, 5], [9, 1], [100, 0]];
  assert.equal(of("arithmetic", pairs), 6.5);
  assert.ok(Math.abs(of("geometric", pairs) - 6) < 1e-12);
  assert.ok(Math.abs(of("harmonic", pairs) - 72 / 13) < 1e-12);
  assert.ok(Math.abs(of("power", pairs, { exponent: 2 }) - Math.sqrt(97 / 2)) < 1e-12);
  assert.equal(of("minimum", pairs), 4);
  assert.equal(of("median", [[1, 1], [2, 9], [7, 1]]), 2);
  assert.equal(of("weighted_median", [[1, 1], [2, 1], [7, 3]]), 7);
  assert.equal(of("weighted_median", [[1, 1], [2, 1]]), 1.5);
  assert.equal(of("geometric", [[0, 1], [9, 1]]), 0);
  assert.equal(of("geometric", [[-1, 1], [9, 1]]), null);
  assert.equal(of("arithmetic", [[null, 1], [9, 0]]), null);
});

test("contributions are shares of the weight that has a score, and add up to the mean", () => {
  assert.deepEqual(contributions([50, null, 0, 80], [1, 5, 1, 2]), [12.5, null, 0, 40]);
});

// --- weights ----------------------------------------------------------------------------------

test("a slider changes one weight, and back is official again", () => {
  assert.deepEqual(officialShares(PAYLOAD), [33.33, 33.33, 33.33]);
  const chosen = weightsAfter(PAYLOAD, null, 1, 50);
  assert.deepEqual(chosen, [33.33, 50, 33.33]);
  assert.equal(weightsAfter(PAYLOAD, chosen, 1, 33.33), null);
  assert.deepEqual(weightsAfter(PAYLOAD, [0, 5, 0], 1, 0), [0, 5, 0]);
  assert.deepEqual(sharesOf([1, 3, 0]), [25, 75, 0]);
});

test("what moved is counted, and a lost rank is no move", () => {
  assert.deepEqual(movement([2, -3, 0, null]), { moved: 2, up: 1, down: 1, farthest: 1 });
  assert.deepEqual(movement([0, null]), { moved: 0, up: 0, down: 0, farthest: null });
});

// --- the fragment -----------------------------------------------------------------------------

test("a state comes back from its fragment", () => {
  const state = {
    language: "fa",
    sort: "open",
    direction: "asc",
    query: "راه‌سازی & = # 100% +",
    kind: "a b&c=d",
    band: "low",
    weights: [10, 0, 33.33],
    agency: "نهاد",
    refused: null,
  };
  const fragment = writeFragment(state, CHOICES);
  assert.match(fragment, /^#what-if&r=01234567&lang=fa&/);
  assert.match(fragment, /&w=10,0,33\.33&/);
  assert.deepEqual(readFragment(fragment, CHOICES), state);
});

test("the opening state needs no fragment", () => {
  assert.equal(writeFragment(OPENING, CHOICES), "");
  assert.deepEqual(OPENING, {
    language: "en", sort: null, direction: null, query: "", kind: "", band: "",
    weights: null, agency: null, refused: null,
  });
});

test("weights of another ruleset, or none at all, are not taken", () => {
  const taken = (fragment) => readFragment(fragment, CHOICES).weights;
  assert.deepEqual(taken("#r=01234567&w=1,2,3"), [1, 2, 3]);
  for (const weights of ["1,2", "1,2,3,4", "0,0,0", "1,-2,3", "1,2,1e9", "1,2,101", "NaN,1,1", "1,,3", "1..2,3,4"]) {
    assert.equal(taken(`#r=01234567&w=${weights}`), null, weights);
  }
  assert.equal(taken("#r=89abcdef&w=1,2,3"), null);
  assert.equal(taken("#w=1,2,3"), null);
});

test("weights that are not taken are not passed over in silence", () => {
  const refused = (fragment) => readFragment(fragment, CHOICES).refused;
  assert.equal(refused("#r=89abcdef&w=1,2,3"), "89abcdef");
  assert.equal(refused("#r=89abcdef0123&w=1,2"), "89abcdef");
  for (const one of ["#r=01234567&w=1,2", "#w=1,2,3", "#r=<b>&w=1,2,3", "#r=01234567&w="]) {
    assert.equal(refused(one), "", one);
  }
  for (const one of ["#r=01234567&w=1,2,3", "#r=89abcdef&agency=0135", "#summary", ""]) {
    assert.equal(refused(one), null, one);
  }
  const { refused: told, ...others } = readFragment("#r=89abcdef&w=1,2,3&sort=open", CHOICES);
  assert.deepEqual({ ...others, sort: null, refused: null }, { ...OPENING, refused: null });
  assert.equal(writeFragment({ ...OPENING, refused: told }, CHOICES), "");
});

test("rubbish in the address opens the page as it is", () => {
  const rubbish = [
    "#%", "#%E0%A4%A", "#&&&===", "#agency=%00", "#sort=__proto__&kind=constructor&lang=xx&dir=up",
    "#agency=<script>alert(1)</script>", "#summary", `#agency=${"x".repeat(100000)}`,
  ];
  for (const one of rubbish) assert.deepEqual(readFragment(one, CHOICES), OPENING, one.slice(0, 40));
  assert.equal(readFragment(`#q=${"x".repeat(9999)}`, CHOICES).query.length, 200);
  const cut = readFragment(`#q=${"x".repeat(199)}😀😀`, CHOICES); // in two halves, it would be no text
  assert.ok(writeFragment(cut, CHOICES).endsWith("%F0%9F%98%80"));
});
