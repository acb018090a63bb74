// The partner's mapping, made as a technician would make it: from the boards, statuses and companies that their ConnectWise has.
import { CUSTOMERS, PARTNER, UNKNOWN_CUSTOMER } from "./story.mjs";

/** Names in the sandbox's small MSP. */
export const BOARDS = {
  security: { name: "Security Operations", opened: "New", resolved: ">Closed", reopened: "Re-opened" },
  noc: { name: "Alerts/NOC", opened: "New", resolved: "Auto-Resolved", reopened: "Re-opened" },
};
export const PRIORITIES = {
  critical: "Priority 1 - Critical",
  high: "Priority 2 - High",
  medium: "Priority 3 - Medium",
  low: "Priority 4 - Low",
  info: "Priority 4 - Low",
};

const reference = ({ id, name }) => ({ id, name });

function named(list, what, name) {
  const found = list.find((each) => each.name === name);
  if (!found) throw new Error(`the sandbox has no ${what} "${name}", but: ${list.map((each) => each.name).join(", ")}`);
  return reference(found);
}

/** The mapping document, and the one in which the unknown customer has become known. */
export async function mappingOf(api, sandbox, now) {
  const data = await api.referenceData(PARTNER);
  const companies = await sandbox.companies();
  const company = (customer) => ({ company: named(companies, "company", CUSTOMERS[customer].name) });
  const on = ({ name, ...statuses }) => {
    const board = data.boards.find((each) => each.id === named(data.boards, "board", name).id);
    return { board: reference(board), statuses: Object.fromEntries(Object.entries(statuses).map(([state, status]) => [state, named(board.statuses, "status", status)])) };
  };
  const document = {
    workflow: "alert_to_ticket",
    mode: "live",
    go_live_at: new Date(now).toISOString(),
    defaults: {
      ...on(BOARDS.security),
      priority: { by_severity: Object.fromEntries(Object.entries(PRIORITIES).map(([severity, name]) => [severity, named(data.priorities, "priority", name)])) },
      flapping: { quiet: "10m" },
    },
    rules: [{ name: "What is offline goes to the NOC", when: [{ attribute: "condition", ends_with: ".offline" }], set: on(BOARDS.noc) }],
    unknown_customer: { policy: "hold" },
    customers: Object.fromEntries(
      Object.keys(CUSTOMERS)
        .filter((customer) => customer !== UNKNOWN_CUSTOMER)
        .map((customer) => [customer, company(customer)]),
    ),
  };
  return { document, completed: { ...document, customers: { ...document.customers, [UNKNOWN_CUSTOMER]: company(UNKNOWN_CUSTOMER) } } };
}
