import type { LoggedEvent } from '../../../platform/messaging/domain-event.js';

/**
 * The frame of an event for any topic. Its text is made once for all who get it; `data` is copied
 * as it stands in the log, without being parsed.
 */
export function eventFrame(event: LoggedEvent): (topic: string) => string {
  const rest = `,"offset":${event.position},"type":${JSON.stringify(event.type)},"data":${event.data},"at":"${event.at}"}`;
  const byTopic = new Map<string, string>();
  return (topic) => {
    let text = byTopic.get(topic);
    if (text === undefined) {
      text = `{"op":"event","topic":${JSON.stringify(topic)}${rest}`;
      byTopic.set(topic, text);
    }
    return text;
  };
}
