// What is told of a send on a closed channel: its name, where it was made, where it was closed, and by whom.
import { placeOf as unpack } from "../eval/lower/builder.ts";
import { text } from "../eval/values.ts";
import { FIRST_STD_UNIT } from "../sema/sources.ts";
import { AREA_EV } from "./abi.generated.ts";
import { core } from "./library.ts";
import { arenaBytes, arenaI32 } from "./memory.ts";
import { madeAs, receiverAt } from "./names.ts";
import { showPlaceOf, type Units } from "./traces.ts";
import { fiberName } from "./tree.ts";

/** The message of P011. channel: by its handle, a ring's too; site: the place of the send. */
export function closedChannel(vm: { worker: number; area: number; scratch: number }, units: Units, channel: number,
  site: number): string {
  const made = core.janus_channel_site(channel);
  const name = receiverAt(units, site) ?? madeAs(units, made);
  const place = showPlaceOf(units, made);
  return `the channel is closed${name === null ? "" : `: \`${name}\``}${place === null ? "" : `, made at ${place}`}` +
    closedBy(vm, units, channel);
}

/** `, closed at a.jan:7:5 by fiber 3`; "" when it is not known any more. */
function closedBy(vm: { worker: number; area: number; scratch: number }, units: Units, channel: number): string {
  const length = core.janus_channel_closer(vm.worker, channel);
  if (length < 0) return "";
  const site = arenaI32[(vm.area + AREA_EV) >>> 2]! >>> 0;
  const fiber = arenaI32[((vm.area + AREA_EV) >>> 2) + 1]! >>> 0;
  if (fiber === 0) return "";
  const isMain = arenaI32[((vm.area + AREA_EV) >>> 2) + 2]! !== 0;
  const name = isMain ? "main" : length === 0 ? null : text(arenaBytes.latin1Slice(vm.scratch, vm.scratch + length));
  // one of std's own lines says nothing to who reads the program
  const place = unpack(site).unit < FIRST_STD_UNIT ? showPlaceOf(units, site) : null;
  return `, closed${place === null ? "" : ` at ${place}`} by ${fiberName(fiber, name)}`;
}
