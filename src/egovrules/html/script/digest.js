// The digest of the scores, made anew of what the page computed: egovrules.result.scores_digest.

import { toDecimals } from "./round.js";

const DIGITS = 9; // decimals of a score that count

/**
 * Write ranks, totals and axes as the text whose SHA-256 is the digest.
 * @type {(payload: Payload, standing: Standing) => string}
 */
export function scoresText({ agencies, axes, digested, ruleset }, { ranks, totals }) {
  const { code, axis } = agencies;
  // The axis that is not among those that are weighed is the one that is the total again.
  const columns = digested.map((id) => axis[axes.findIndex((one) => one.id === id)] ?? totals);
  /** @type {(value: number | null, digits: number) => string} */
  const cell = (value, digits) => (value === null ? "" : toDecimals(value, digits));
  const order = [...code.keys()].sort((a, b) => (code[a] < code[b] ? -1 : 1));
  const rows = order.map((place) => [
    /[",\r\n]/.test(code[place]) ? `"${code[place].replaceAll('"', '""')}"` : code[place],
    cell(ranks[place], ruleset.ties === "average" ? DIGITS : 0),
    cell(totals[place], DIGITS),
    ...columns.map((scores) => cell(scores[place], DIGITS)),
  ]);
  const head = ["agency", "rank", "total", ...digested];
  return [head, ...rows].map((cells) => `${cells.join(",")}\n`).join("");
}

/**
 * Return the SHA-256 of a text in hex; empty where the browser withholds it, as from a plain site.
 * @param {string} text
 */
export async function sha256(text) {
  if (!globalThis.crypto?.subtle) return "";
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
