// Against what Python made of the same numbers, names and weights: see tests/test_html_script.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { scoresText, sha256 } from "../../src/egovrules/html/script/digest.js";
import { rankedOrder } from "../../src/egovrules/html/script/order.js";
import { roundTo, toDecimals } from "../../src/egovrules/html/script/round.js";
import { formatNumber, nameKey } from "../../src/egovrules/html/script/text.js";
import { checkOfficial, standingUnder } from "../../src/egovrules/html/script/weights.js";

const file = process.env.EGOVRULES_VECTORS;
const vectors = file ? JSON.parse(readFileSync(file, "utf-8")) : null;
const skip = file ? false : "no vectors: run pytest tests/test_html_script.py";

test("numbers are rounded as Python rounds them", { skip }, () => {
  for (const [value, decimals, text, rounded] of vectors.rounded) {
    assert.equal(toDecimals(value, decimals), text, `${value} to ${decimals}`);
    assert.equal(roundTo(value, decimals) + 0, rounded + 0, `${value} to ${decimals}`);
  }
});

test("numbers are shown as the engine shows them", { skip }, () => {
  for (const [value, language, decimals, signed, text] of vectors.printed) {
    assert.equal(formatNumber(value, language, decimals, signed), text, `${value} ${language}`);
  }
});

test("names fold to the same keys", { skip }, () => {
  const wrong = vectors.names.filter(([name, key]) => nameKey(name) !== key);
  assert.deepEqual(wrong, []);
});

test("totals and ranks under other weights are the engine's", { skip }, () => {
  for (const { way, payload, cases } of vectors.anew) {
    assert.equal(payload.total.adjustable, true, way);
    for (const { weights, totals, ranks, labels, order } of cases) {
      const where = `${way}, weights ${weights}`;
      const found = standingUnder(payload, weights);
      found.totals.forEach((total, place) => {
        const engine = totals[place];
        const same = total === null || engine === null ? total === engine : near(total, engine);
        assert.ok(same, `${where}: ${payload.agencies.code[place]} has ${total}, not ${engine}`);
      });
      assert.deepEqual(found.ranks, ranks, where);
      assert.deepEqual(found.labels, labels, where);
      found.moves.forEach((places, place) => {
        const [before, now] = [payload.agencies.rank[place], ranks[place]];
        const known = before !== null && now !== null;
        assert.equal(places, known ? before - now : null, `${where}: up is more`);
      });
      rankedOrder(payload, found).forEach((place, at) => {
        const engine = payload.agencies.code.indexOf(order[at]);
        // Equal but for the last bit, which is not the same here and there, any order will do.
        const tied = ranks[place] === ranks[engine] && near(totals[place], totals[engine]);
        assert.ok(place === engine || tied, `${where}: place ${at + 1} is not ${order[at]}'s`);
      });
    }
  }
});

test("the official result is found again, and a changed one is not", { skip }, () => {
  for (const { way, payload } of vectors.anew) {
    assert.ok(checkOfficial(payload).matches, way);
    const totals = [...payload.agencies.total];
    const place = totals.findIndex((total) => total !== null);
    totals[place] += 1e-6;
    const other = { ...payload, agencies: { ...payload.agencies, total: totals } };
    assert.ok(!checkOfficial(other).matches, way);
    const rank = payload.agencies.rank.map((one) => one && one + 1);
    const moved = { ...payload, agencies: { ...payload.agencies, rank } };
    assert.ok(!checkOfficial(moved).matches, way);
  }
});

test("the digest of what the page computes is the result's", { skip }, async () => {
  for (const { way, payload } of vectors.anew) {
    const { standing } = checkOfficial(payload);
    assert.equal(await sha256(scoresText(payload, standing)), payload.digest, way);
  }
});

function near(one, other) {
  return one === other || Math.abs(one - other) <= 1e-9;
}
