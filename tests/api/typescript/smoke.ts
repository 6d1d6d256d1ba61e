// A program in TypeScript that uses the generated types. It is type-checked, and then run by node against a real server.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./hall.d.ts";

const [baseUrl, key, slot, day] = process.argv.slice(2) as [string, string, string, string];
const hall = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}`, "Accept-Language": "en" } });

const wanted: components["schemas"]["NewBooking"] = {
  slot: Number(slot),
  organisation: "东湖小学",
  kind: "school",
  contact_name: "何秀珍",
  phone: "020 8345 0000",
  origins: [{ division: "440000", visitors: 20 }],
  consent: true,
  rules: "organiser",
};

async function place(name: string) {
  const params = { header: { "Idempotency-Key": name } };
  return hall.POST("/api/v1/bookings", { params, body: wanted });
}

const placed = await place("order-1");
assert.equal(placed.response.status, 201);
const booking = placed.data!;
assert.equal(booking.state, "requested");
assert.equal(placed.response.headers.get("Location"), `/api/v1/bookings/${booking.reference}`);
const again = await place("order-1");
assert.deepEqual(again.data, booking);
assert.equal(again.response.headers.get("Idempotency-Replayed"), "true");

const path = { reference: booking.reference };
const confirmed = await hall.POST("/api/v1/bookings/{reference}/confirm", { params: { path }, body: {} });
assert.equal(confirmed.data?.state, "confirmed");
const tag = confirmed.response.headers.get("ETag")!;
const unchanged = await hall.GET("/api/v1/bookings/{reference}", { params: { path, header: { "If-None-Match": tag } } });
assert.equal(unchanged.response.status, 304);
const pass = await hall.GET("/api/v1/bookings/{reference}/pass.png", { params: { path }, parseAs: "arrayBuffer" });
assert.equal(Buffer.from(pass.data as ArrayBuffer).subarray(1, 4).toString(), "PNG");

const arrival = { event_id: randomUUID(), code: booking.reference };
const refused = await hall.POST("/api/v1/arrivals", { body: arrival });
assert.equal(refused.error?.overridable, true);
const admitted = await hall.POST("/api/v1/arrivals", { body: { ...arrival, reason: "Came on another day" } });
assert.equal(admitted.data?.group.arrived, 20);
const walkIn = { event_id: randomUUID(), counts: { "440000": 3 } };
assert.equal((await hall.POST("/api/v1/walk-ins", { body: walkIn })).data?.outcome, "admitted");

const wrong = await hall.POST("/api/v1/bookings", { body: { ...wanted, phone: "12" } });
assert.deepEqual([wrong.error?.code, wrong.error?.errors[0]?.pointer], ["invalid_input", "/phone"]);
const found = await hall.GET("/api/v1/slots", { params: { query: { first: day, last: day } } });
assert.deepEqual(found.data?.items.map((one) => one.free), [80]);

// What the types refuse; a type that lets everything through would fail the check of these lines.
// @ts-expect-error There is no such address.
void (() => hall.GET("/api/v1/nothing"));
// @ts-expect-error The number of a slot is a number.
void (() => hall.POST("/api/v1/bookings", { body: { ...wanted, slot: "17" } }));
// @ts-expect-error A booking has no such field.
void (() => booking.nothing);
