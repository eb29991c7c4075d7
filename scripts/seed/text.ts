import { logNormal, pick } from './random.ts';

type Words = [string, ...string[]];
const words = (text: string): Words => text.split(/\s+/) as Words;

const firstNames = words(`Ada Amina Anton Bela Carla Chidi Clara Daniel Dora Elif Emil Esra Farid
  Fiona Gita Hana Hugo Ines Ivan Jana Jonas Kai Kira Lea Leon Lina Marco Maya Mika Nadia Nils Noor
  Olga Omar Pia Priya Rafael Rosa Samir Sofia Tariq Tessa Uma Viktor Wanda Yara Yuki Zoe`);
const lastNames =
  words(`Abe Adler Bauer Berg Bianchi Brandt Castro Chen Costa Demir Diallo Eze Fischer
  Garcia Haas Ibrahim Ito Jansen Kaur Keller Khan Kovacs Laurent Lind Lopez Mehta Meyer Moreau Nagy
  Novak Okafor Park Petrov Rossi Sato Schmid Silva Singh Sousa Tanaka Varga Weber Wolf Yilmaz`);
const vocabulary = words(`the a of and to in that it with for on as at by from this one all but not
  what when there out up about who more time only new very after way many must through back years
  where much your long little good man woman day old year come light night river house stone garden
  window letter winter summer morning evening silence voice memory city street bridge train station
  coffee table paper ink word line verse page chapter story reader writer friend stranger mother
  father child hand eye heart rain snow wind sea harbour island mountain valley road journey return
  home door key room shadow mirror clock hour minute slow quiet bright dark warm cold gentle strange
  simple careful open lost found broken whole remember forget wait listen walk write read hold carry
  leave begin end build learn teach ask answer dream wake sleep breathe turn fall rise grow change`);

/** What posts are tagged with, from the most to the least used. */
export const topics =
  words(`writing poetry books reading life nature city travel memory music art film
  history science food photography morning night winter summer autumn spring theatre craft letters
  fiction shortstory haiku sonnet essay diary dreams philosophy language translation review draft
  question politics family friendship work learning teaching cooking cycling walking gardening sea
  mountains rain trains coffee tea cats dogs birds maps code design type print archive library`);

export const categories = words('culture daily fiction journal opinion science travel');

export interface PersonName {
  first: string;
  last: string;
}

export function personName(): PersonName {
  return { first: pick(firstNames), last: pick(lastNames) };
}

/** A sentence of some words, e.g. for a biography or a title. */
export function sentence(count: number): string {
  let text = pick(vocabulary);
  for (let index = 1; index < count; index++) text += ` ${pick(vocabulary)}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * A text of about as many characters: sentences of varied length, or short lines for verse.
 *
 * @param median half of the texts are shorter; a few are many times as long
 */
export function bodyOf(median: number, max: number, verse: boolean): string {
  const length = Math.min(max - 100, Math.max(12, logNormal(median, 0.6)));
  let text = '';
  while (text.length < length) {
    const line = sentence(verse ? 3 + Math.random() * 4 : 5 + Math.random() * 12);
    if (text === '') text = verse ? line : `${line}.`;
    else if (verse) text += `${Math.random() < 0.2 ? '\n\n' : '\n'}${line}`;
    else text += `${Math.random() < 0.1 ? '\n\n' : ' '}${line}.`;
  }
  return text;
}
