// Makes texts of people inert before they enter a message. Markup is escaped where the message is
// rendered; here go line ends (a header would split), characters that turn the reading direction, and
// what mail programs would turn into links: whoever names a workspace must not advertise by it.

const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const LINK_JOINTS = /[.:/@\\](?=\S)/g;
/** Takes no room and no line break, but ends what looks like an address. */
const JOINER = '\u2060';
const LONGEST = 300;

/** One line, read in one direction, of bounded length. */
export function oneLine(text: string): string {
  const line = text.replace(BREAKS, ' ').replace(TURNS, '').trim();
  return Array.from(line).slice(0, LONGEST).join('');
}

/** What somebody chose to be called: a line in which no mail program finds a link. */
export function inertName(name: string): string {
  return oneLine(name).replace(LINK_JOINTS, (joint) => `${joint}${JOINER}`);
}
