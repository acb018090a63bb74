// Half an hour at Northwind, a small MSP whose customers use Lighthouse EDR: what the product says, what technicians and ConnectWise do
// meanwhile, and what must stand in ConnectWise at the end.

export const PARTNER = "northwind-msp";
export const PARTNER_NAME = "Northwind Managed Services";
export const PRODUCT = "lighthouse-edr";
export const BEGIN = Date.parse("2026-03-02T08:00:00Z"); // a Monday morning
export const END_MINUTE = 31;

/** Customers by their id in the product; ConnectWise has companies of the same names. The last is not mapped at first. */
export const CUSTOMERS = {
  "cust-1041": { name: "Acme Dental Group" },
  "cust-1066": { name: "Cedar & Stone Law LLP" },
  "cust-1102": { name: "Blue River Logistics" },
  "cust-1233": { name: "Nova Retail" },
};
const [DENTAL, LAW, LOGISTICS] = Object.keys(CUSTOMERS);
export const UNKNOWN_CUSTOMER = "cust-1233";

const alert = (customer, subject, condition, severity, title, more = {}) => ({ customer, subject, condition, severity, title, ...more });

/**
 * The alerts of the story. `expect` is what ConnectWise must show at the end: how many tickets, closed or not, on which board, which priority, and
 * `notes` (exactly these, after the description, by a part of each) or `note` (among others: how often it was closed in between is a matter of pace).
 */
export const ALERTS = {
  ransomware: {
    ...alert(DENTAL, "srv-fin-01", "ransomware.behaviour", "critical", "Ransomware behaviour blocked"),
    expect: { tickets: 1, closed: true, notes: ["4 times", "is resolved", "come back", "is resolved"] },
  },
  powershell: {
    ...alert(LAW, "ws-114", "powershell.encoded", "high", "Encoded PowerShell command"),
    expect: { tickets: 1, closed: false, notes: ["The ticket is left as it is, because it is assigned to"] },
  },
  backup: {
    ...alert(LOGISTICS, "nas-02", "backup.failed", "medium", "Nightly backup failed"),
    expect: { tickets: 0 },
  },
  encryption: {
    ...alert(DENTAL, "lt-07", "encryption.off", "medium", "Disk encryption switched off"),
    expect: { tickets: 1, closed: false, notes: ["risen to high"], priority: "high" },
  },
  signature: {
    ...alert(LOGISTICS, "ws-301", "signatures.outdated", "info", "Signatures are a day old"),
    expect: { tickets: 0 },
  },
  unknown: {
    ...alert(UNKNOWN_CUSTOMER, "pos-03", "malware.found", "high", "Malware found on a till"),
    expect: { tickets: 1, closed: false, notes: [] },
  },
  flapping: {
    ...alert(LAW, "fw-01", "sensor.offline", "high", "Sensor offline"),
    expect: { tickets: 1, closed: true, note: "comes and goes", board: "noc" },
  },
  throttled: {
    ...alert(LOGISTICS, "dc-01", "credentials.dumping", "critical", "Credential dumping attempt"),
    expect: { tickets: 1, closed: false, notes: [] },
  },
  timeout: {
    ...alert(DENTAL, "ws-220", "quarantine.failed", "critical", "Quarantine failed"),
    expect: { tickets: 1, closed: true, notes: ["is resolved"] },
  },
};

const STORM_DEVICES = Array.from({ length: 12 }, (_, index) => `ws-${401 + index}`);
export const STORM = {
  customer: LOGISTICS,
  condition: "agent.offline",
  title: "EDR agent offline",
  devices: STORM_DEVICES,
  expect: { tickets: 1, closed: true, board: "noc" },
};
for (const device of STORM_DEVICES) ALERTS[`storm:${device}`] = alert(LOGISTICS, device, "agent.offline", "high", "EDR agent offline", { storm: true });

const raised = (minute, name, more = {}) => ({ minute, does: "raised", name, ...more });
const resolved = (minute, name, resolution) => ({ minute, does: "resolved", name, resolution });

/** What happens when, in minutes after BEGIN. */
export const STEPS = [
  raised(0.0, "ransomware"),
  raised(0.5, "powershell"),
  raised(1.0, "backup"),
  raised(1.5, "signature"),
  raised(2.0, "ransomware", { again: true }),
  raised(2.5, "unknown"),
  resolved(2.6, "backup", "The second try went through."),
  raised(3.0, "ransomware", { again: true }),
  raised(3.2, "encryption"),
  raised(4.0, "ransomware", { again: true }),
  { minute: 5.0, does: "storm raised" },
  raised(7.0, "flapping"),
  resolved(8.5, "flapping", "The sensor reports again."),
  raised(9.0, "flapping", { again: true }),
  { minute: 9.5, does: "storm resolved", resolution: "The agent reports again." },
  resolved(10.0, "flapping", "The sensor reports again."),
  raised(10.5, "flapping", { again: true }),
  { minute: 11.0, does: "escalated", name: "encryption", severity: "high" },
  resolved(11.5, "flapping", "The sensor reports again."),
  { minute: 12.0, does: "fault", fault: "throttle" },
  raised(12.2, "throttled"),
  { minute: 15.0, does: "technician", name: "powershell" },
  { minute: 16.0, does: "fault", fault: "lose_answer" },
  raised(16.2, "timeout"),
  resolved(18.0, "powershell", "The process was ended."),
  { minute: 19.0, does: "map_customer" },
  resolved(21.0, "ransomware", "The process was stopped and the host isolated."),
  resolved(23.0, "timeout", "Quarantined at the second try."),
  raised(24.0, "ransomware", { again: true }),
  resolved(27.0, "ransomware", "Cleaned."),
];
