import type { Dice } from "./dice.ts";

type Words = readonly [string, ...string[]];

/** Given names of the old and the young. */
const GIVEN_NAMES: Words = [
  "Åse",
  ..."Aage Birthe Bjørn Børge Ditte Edith Egon Ejnar Ellen Else Erna Esther Freja Gerda Grethe Gunnar Hanne".split(" "),
  ..."Helga Inger Jytte Jørgen Kaj Karla Kirsten Knud Lærke Magda Maja Mads Nanna Niels Oluf Poul Ragnhild Rigmor".split(
    " ",
  ),
  ..."Signe Sigrid Solveig Sofie Søren Tage Thyra Tove Ulla Valborg Vibeke Viggo Villy Yrsa Ørnulf Asger Bodil Dagny".split(
    " ",
  ),
];

// Surnames are put together from two halves, so that hardly any of them is borne by a living person.
const SURNAME_HEADS: Words = [
  "Alke",
  ..."Birke Bølge Drage Duehøj Elle Fjeld Gæslinge Hagtorn Hedelyng Høg Ible Kalv Klokke Krage Kær Lyng Muslinge".split(
    " ",
  ),
  ..."Måge Nøddel Okser Porse Rågebæk Rørsanger Sivhøj Skæl Slåen Tange Tejst Terne Tjørne Vibe Ærenpris Ørne Åkande".split(
    " ",
  ),
];
const SURNAME_TAILS: Words = [
  "kilde",
  ..."bjærg dal eng fælled gab have krog lunde mose næs odde rende skrænt sø toft vang vig ås".split(" "),
];

const STREET_HEADS: Words = [
  "Ankerhus",
  ..."Æbleskrænts Bådmands Bjergfyrs Brændings Drejer Fiskertorvs Fyrpasser Garnloft Gåsetårns Havblik Hejre".split(
    " ",
  ),
  ..."Hvidtjørns Kaperhus Klitrose Knudemands Kobbermølle Lodshus Løvstikke Marehalms Møllestrøms Nettørrer".split(" "),
  ..."Ørredkrogs Ålebæks Rebslager Redningsstations Røgeri Sejlmager Skonnert Skovmærke Strandkåls Søjoms".split(" "),
  ..."Tangloft Tovværks Ullsnor Værfts Østerskaj".split(" "),
];
const STREET_TAILS: Words = [
  "gade",
  ..."vej stræde allé vænget bakken haven parken stien torvet lunden engen".split(" "),
];

/** An invented person's name. */
export function personName(dice: Dice): string {
  return `${dice.pick(GIVEN_NAMES)} ${dice.pick(SURNAME_HEADS)}${dice.pick(SURNAME_TAILS)}`;
}

/** Every invented street of the town, in chance order. */
export function streetNames(dice: Dice): string[] {
  return dice.shuffle(STREET_HEADS.flatMap((head) => STREET_TAILS.map((tail) => `${head}${tail}`)));
}
