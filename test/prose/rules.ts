/**
 * Rules of style for the sentences that people read, as patterns. Each rule names the construction, the remedy, and
 * two lists of examples: sentences that it must find and correct English that it must leave alone. A space in a
 * pattern matches any white space, line ends included; `START` stands for the start of a sentence.
 */

/** A construction that the prose of this project does not use. */
export interface Rule {
  /** Short name, printed with each hit. */
  readonly name: string;
  /** What to write instead. */
  readonly instead: string;
  /** Source of a regular expression, see above for the space and `START`. */
  readonly pattern: string;
  /** Whether a sentence that ends with a question mark may contain it. */
  readonly allowedInQuestions?: true;
  /** Whether the rule holds for titles of tests only. */
  readonly inTitles?: true;
  /** Whether the rule also holds for identifiers, so it reads whole source files instead of sentences. */
  readonly inCode?: true;
  /** Sentences that break the rule. */
  readonly wrong: readonly string[];
  /** Correct sentences that a careless pattern would take for a hit. */
  readonly right: readonly string[];
}

/** Start of the passage, of a sentence in it, of a paragraph, or of an item of a list. */
const START = String.raw`(?:^\s*|[.!?]["')]*\s+|\n\s*\n\s*|\n\s*(?:[-*]|\d+\.)\s+)`;

/** Words before "where" that make it a question about a place: "knows where the server listens". */
const ASKING = String.raw`\b(?:ask|asks|asked|know|knows|known|see|sees|seen|find|finds|found|show|shows|showing|shown|tell|tells|decide|decides|choose|chooses|remember|remembers|check|checks|out|exactly|says?|said|from|to|of|on|at|in|about|is|are|and|or|just|only|no matter|regardless of|place)(?: about)?`;

export const RULES: readonly Rule[] = [
  {
    name: "clause without a subject",
    instead: "name the subject: the server, the user, this function, a message that …",
    pattern: "START(?:What|Who|Whose|Which) [a-z]",
    allowedInQuestions: true,
    wrong: ["What is late is sent at once.", "It waits. Who waited for room was not late."],
    right: ["What is a stream?", "Messages that are late are sent immediately.", "It knows what is late."],
  },
  {
    name: "clause without a subject",
    instead: "name the subject: the server, the user, this function, a message that …",
    pattern:
      "(?:[;:]|, (?:and|but|or|so)) (?:what|who) (?:[a-z]+ )?(?:is|are|was|were|has|have|had|does|did|can|cannot|may|must|will|comes|came|goes|waits|asks|wants|knows|needs|sends|listens)\\b",
    allowedInQuestions: true,
    wrong: ["It ends there; what is late is lost.", "Three may wait, and who comes later is refused."],
    right: ["It logs what is late.", "The user, who has no password, is refused."],
  },
  {
    name: "whoever, whatever",
    instead: "name the person or the thing, or: any, every",
    pattern: "\\b(?:[Ww]hoever|[Ww]hatever|[Ww]homever|[Ww]hichever)\\b",
    wrong: ["Whoever asks gets an answer.", "Whatever the server sends is kept."],
    right: ["Every client that asks gets an answer."],
  },
  {
    name: 'sentence that begins with "Of"',
    instead: "begin with a noun phrase or a verb: Storage of …, Returns …",
    pattern: "STARTOf [a-z]",
    wrong: ["Of one that is made.", "Several files. Of several there is text."],
    right: ["Storage of streams."],
  },
  {
    name: "said, told, speaks of",
    instead: "report, show, log, return, state, mean",
    pattern:
      "\\b(?:is|are|was|were|be|been|being|gets?)(?: (?:not|also|only|never|always|often))? (?:said|told)\\b|\\b(?:speaks?|spoke|spoken|speaking) of\\b|\\b(?:say|says|said|saying) (?:what|which|how|so|nothing|no more|that it|whether|who|why|when|where|anything|something|everything)\\b|\\bhas (?:nothing|something|anything) to say\\b",
    wrong: ["It is said here once.", "The second speaks of the meta leader.", "The reply says which one."],
    right: ["The reply names it.", 'It logs "said".'],
  },
  {
    name: "nobody, somebody",
    instead: "name the program or the person: no subscriber, no client, the user",
    pattern: "\\b(?:[Nn]obody|[Ss]omebody|[Aa]nybody|[Ee]verybody|[Nn]o one)\\b",
    wrong: ["Nobody listens.", "As if somebody asked."],
    right: ["No subscriber listens."],
  },
  {
    name: "bookish word",
    instead: "another, again, on, next to, by, so, from which, in which, if",
    pattern:
      "\\b(?:[Uu]pon|[Aa]new|[Bb]eside|[Tt]hereby|[Tt]hereof|[Tt]herein|[Tt]hereupon|[Ww]hence|[Ww]hereof|[Ww]herein|[Ww]hereupon|[Ww]hereby|[Hh]ither|[Ll]est|[Nn]ought|[Ww]hilst|[Aa]midst|[Hh]enceforth|[Ee]re)\\b",
    wrong: ["It is drawn anew.", "What stands upon it.", "It goes beside its like."],
    right: ["It is drawn again.", "Besides the name it has a version."],
  },
  {
    name: '"is none"',
    instead: "is missing, is not found, is not set, there is no …",
    pattern: "\\b(?:is|are|was|were|be) none\\b(?! of)",
    wrong: ["There is none.", "A stream that is none."],
    right: ["The stream is missing.", "There is no stream.", "It is none of these."],
  },
  {
    name: '"where" for a condition',
    instead: 'if or when; for a place: "in which", "on which", or "knows where …"',
    pattern: `(?<!${ASKING.replaceAll("\\s", " ")} )\\b[Ww]here (?:a|an|the|its?|their|there|no|none|nothing|one|two|both|each|every|all|any|they|this|that|these|those|some|several|only|neither|you|we|he|[a-z]+s? (?:is|are|was|has|have|lacks?|cannot|does|do)) ?[a-z]*`,
    wrong: [
      "Absent where the server lacks it.",
      "Where there is a limit, it is kept.",
      "Zero, where it is 1.",
    ],
    right: [
      "It knows where the server listens.",
      "Look at where it starts.",
      "Absent if the server lacks it.",
    ],
  },
  {
    name: "most, least",
    instead: "maximum, minimum",
    pattern:
      "^\\s*(?:The )?(?:Most|Least|most|least) [a-z]+s? (?:a|an|that|of|in|per|for|to|at|which|under)\\b|\\bat (?:most|least) so (?:many|much|long|often)\\b|\\b[Tt]he (?:most|least) (?:that|of [a-z]+ that|it|one|allowed)\\b",
    wrong: [
      "Most series of a collector.",
      "At most so many, at least so long.",
      "The most that it may hold.",
    ],
    right: ["Most of the time is spent here.", "Maximum series per collector."],
  },
  {
    name: "MOST_, LEAST_",
    instead: "MAX_, MIN_",
    pattern: "\\b(?:[A-Z]+_)*(?:MOST|LEAST)_[A-Z_]+\\b",
    inCode: true,
    wrong: ["const MOST_LINES = 3;"],
    right: ["const MAX_LINES = 3;"],
  },
  {
    name: "pointer to another comment",
    instead: "a sentence about this very thing, or no comment",
    pattern: "\\b[Ss]ee the (?:file|module|class|function)'s comment\\b",
    wrong: ["See the file's comment."],
    right: ["See docs/bench.md."],
  },
  {
    name: "could not be had",
    instead: "failed, is missing, could not be read; … failed: reason",
    pattern: "\\b(?:be|is|are|was|were|been) had\\b",
    wrong: ["/varz of n1 could not be had."],
    right: ["GET /varz from n1 failed.", "It would be hadoop."],
  },
  {
    name: "a program as he or she",
    instead: "it, they, or the noun",
    pattern: "\\b(?:[Hh]e|[Hh]im|[Hh]is|[Ss]he|[Hh]ers?|[Hh]imself|[Hh]erself)\\b(?!['’\\-])",
    wrong: ["A member cannot know how many he will have."],
    right: ["A member cannot know its share.", "The rest."],
  },
  {
    name: "title that is no sentence",
    instead: 'a verb and its object: "rejects a file without …", "counts a message that …"',
    pattern: "^(?:of|what|who|whose|where|that|which|and|or|but) ",
    inTitles: true,
    wrong: ["of a slow consumer is counted", "that is no YAML is rejected"],
    right: ["counts slow consumers", "with a token, connects"],
  },
  {
    name: "invented word",
    instead:
      "sender (lane), worker pool (crew), progress reporter (onlooker), stored state (holdings), context (surroundings), patch (lesson, teach), print errors (complain)",
    pattern:
      "\\b(?:[Ll]anes?|[Cc]rews?|[Oo]nlookers?|[Hh]oldings|[Ss]urroundings|[Ll]essons?|[Tt]each(?:es)?|[Cc]omplain(?:s|ts?)?)\\b",
    wrong: ["Each lane sends.", "The crew ends."],
    right: ["Each sender sends.", "The worker pool ends."],
  },
];

/** Regular expression of a rule, global, for sentences whose line ends are white space like any other. */
export function expressionOf({ pattern }: Rule): RegExp {
  return new RegExp(
    pattern.replaceAll("START", "\u0000").replaceAll(" ", String.raw`\s+`).replaceAll("\u0000", START),
    "g",
  );
}
