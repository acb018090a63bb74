"use strict";
// What is shown of one thing when it is opened: its title, what stands below, and what a person can do there (people.js).

const facts = (pairs) => element("dl", pairs.filter(([, value]) => value !== undefined && value !== null && value !== "").flatMap(([name, value]) => [element("dt", name), element("dd", value instanceof Node ? value : String(value))]));
const heading = (text) => element("h3", text);
const plainList = (items) => element("ul", items.map(([left, right]) => element("li", [element("span", left), element("span", right, { class: "soft" })])), { class: "plain" });
const listed = (title, items, item) => [heading(`${title} (${items.length})`), items.length ? plainList(items.map(item)) : element("p", "None.", { class: "soft" })];
/** The first of more; `found` is what the control API lists. */
const some = (title, found, item) => [heading(`${title} (${found.total})`), found.total ? plainList(found.objects.map(item)) : element("p", "None.", { class: "soft" })];

// --- links to what else there is --------------------------------------------------------------------------------------

const linkTo = (view, id, text) => element("a", String(text), { href: `#${new URLSearchParams({ view, tenant: state.tenant, id })}` });

/** The tab that shows what a reference of this name leads to. */
const PLACES = {
  agreement: "agreements",
  billToCompany: "companies",
  board: "boards",
  company: "companies",
  installedBy: "members",
  member: "members",
  mergedParentTicket: "tickets",
  owner: "members",
  reportsTo: "members",
  securityRole: "roles",
  shipToCompany: "companies",
  ticket: "tickets",
  vendor: "companies",
};

function related(field, reference) {
  if (!reference) return "";
  return PLACES[field] && reference.id ? linkTo(PLACES[field], reference.id, named(reference)) : named(reference);
}

/** The member of an identifier, where it is one: notes and changes name clients, contacts and the system as well. */
function memberLink(identifier) {
  const member = people.find((each) => each.identifier.toLowerCase() === String(identifier ?? "").toLowerCase());
  return member ? linkTo("members", member.id, member.identifier) : (identifier ?? "");
}

const separated = (parts, separator = ", ") => element("span", parts.flatMap((part, number) => (number ? [separator, part] : [part])));
/** When something was done, and by whom. */
const doneBy = (time, who) => (time ? element("span", [moment(time), ...(who ? [" by ", memberLink(who)] : [])]) : "");

// --- fields and their words -------------------------------------------------------------------------------------------

/** Words of fields that do not follow from their names. */
const WORDS = {
  activeFlag: "Active",
  backupBillableSpaceGb: "Backup Billable Space (GB)",
  backupProtectedDeviceList: "Backup Protected Devices",
  billFlag: "Bill Customer",
  cpuSpeed: "CPU Speed",
  inactiveFlag: "Inactive",
  ipAddress: "IP Address",
  lastLoginName: "Last Login Name",
  localHardDrives: "Local Hard Drives",
  macAddress: "MAC Address",
  mobileGuid: "Mobile GUID",
  objectId: "Object Id",
  osInfo: "OS Info",
  osType: "OS Type",
  parentConfigurationId: "Parent Configuration",
  ram: "RAM",
  sla: "SLA",
  url: "URL",
  warrantyExpirationDate: "Warranty Expiration",
};

/** "serialNumber" is "Serial Number" on the screen. */
const wordsOf = (field) => WORDS[field] ?? field.replace(/Flag$/, "").replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/^./, (first) => first.toUpperCase());

/** A day where the time says no more; times with their zone. */
const readableTime = (time) => (/T00:00:00Z$/.test(time) ? day(time) : moment(time));

function shownValue(field, value) {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (field === "parentConfigurationId") return linkTo("configurations", value, `#${value}`);
  if (Array.isArray(value)) return value.map((each) => (each && typeof each === "object" ? named(each) : String(each))).join(", ");
  if (typeof value === "object") return related(field, value);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? readableTime(value) : value;
}

/** Custom fields by their captions, and a configuration's questions by their words. */
const ownFields = (object) => [
  ...(object.customFields ?? []).map((each) => [each.caption, shownValue("", each.value)]),
  ...(object.questions ?? []).map((each) => [each.question, shownValue("", each.answer)]),
];

/** The fields that have a value: those of `first` in that order, then the others. What is simply not so is left out. */
function fieldFacts(object, first) {
  const left = new Set(["_info", "id", "name", "customFields", "questions", ...first]);
  const others = Object.keys(object).filter((field) => !left.has(field) && object[field] !== false);
  return facts([
    ["Id", object.id],
    ...[...first, ...others].map((field) => [wordsOf(field), shownValue(field, object[field])]),
    ...ownFields(object),
    ["Entered", doneBy(object._info?.dateEntered, object._info?.enteredBy)],
    ["Updated", doneBy(object._info?.lastUpdated, object._info?.updatedBy)],
  ]);
}

const fieldsDetail = (collection, first) => async (id) => {
  const object = await oneOf(collection, id);
  return object ? { title: object.name ?? object.url ?? `#${object.id}`, body: [fieldFacts(object, first)] } : gone();
};

const CONFIGURATION = [
  ...["type", "status", "activeFlag", "company", "site", "contact", "deviceIdentifier", "serialNumber", "modelNumber", "tagNumber"],
  ...["manufacturer", "manufacturerPartNumber", "vendor", "purchaseDate", "installationDate", "installedBy", "warrantyExpirationDate"],
  ...["osType", "osInfo", "cpuSpeed", "ram", "localHardDrives", "ipAddress", "defaultGateway", "macAddress", "lastLoginName"],
  ...["managementLink", "remoteLink", "parentConfigurationId", "location", "department", "sla", "billFlag", "notes", "vendorNotes"],
];
const CALLBACK = ["url", "type", "level", "objectId", "description", "inactiveFlag"];

// --- tickets ----------------------------------------------------------------------------------------------------------

function ticketFacts(ticket) {
  const contact = named(ticket.contact) || ticket.contactName;
  const phone = [ticket.contactPhoneNumber, ticket.contactPhoneExtension && `ext. ${ticket.contactPhoneExtension}`].filter(Boolean).join(" ");
  const resources = (ticket.resources ?? "").split(",").map((each) => each.trim()).filter(Boolean);
  return facts([
    ["Status", statusPill({ status: named(ticket.status), closed: ticket.closedFlag })],
    ["Board", related("board", ticket.board)],
    ["Priority", named(ticket.priority) || none()],
    ["Severity", ticket.severity],
    ["Impact", ticket.impact],
    ["Type", named(ticket.type) || none()],
    ["Subtype", named(ticket.subType) || none()],
    ["Item", named(ticket.item) || none()],
    ["Company", related("company", ticket.company)],
    ["Site", named(ticket.site) || ticket.siteName || none()],
    ["Address", [ticket.addressLine1, ticket.addressLine2, ticket.city, ticket.stateIdentifier, ticket.zip].filter(Boolean).join(", ")],
    ["Contact", contact || none()],
    ["Contact phone", phone || none()],
    ["Contact e-mail", ticket.contactEmailAddress || none()],
    ["Agreement", related("agreement", ticket.agreement) || none()],
    ["Source", named(ticket.source) || none()],
    ["Team", named(ticket.team) || none()],
    ["Owner", related("owner", ticket.owner) || none()],
    ["Resources", resources.length ? separated(resources.map(memberLink)) : none()],
    ["SLA", named(ticket.sla) || none()],
    ["SLA status", ticket.slaStatus],
    ["Respond by", moment(ticket.respondByGoalUTC)],
    ["Plan by", moment(ticket.resplanGoalUTC)],
    ["Resolve by", moment(ticket.resolutionGoalUTC)],
    ["Responded", doneBy(ticket.dateResponded, ticket.respondedBy)],
    ["Planned", doneBy(ticket.dateResplan, ticket.resplanBy)],
    ["Required", ticket.requiredDate && readableTime(ticket.requiredDate)],
    ["Budget", ticket.budgetHours && `${ticket.budgetHours} h`],
    ["Time booked", `${ticket.actualHours ?? 0} h`],
    ["Work role", named(ticket.workRole)],
    ["Work type", named(ticket.workType)],
    ["Location", [named(ticket.location), named(ticket.department)].filter(Boolean).join(", ")],
    ["Service location", named(ticket.serviceLocation)],
    ["Opportunity", named(ticket.opportunity)],
    ["Parent ticket", ticket.parentTicketId && linkTo("tickets", ticket.parentTicketId, `#${ticket.parentTicketId}`)],
    ["Merged into", ticket.mergedParentTicket && linkTo("tickets", ticket.mergedParentTicket.id, `#${ticket.mergedParentTicket.id}`)],
    ["Purchase order", ticket.poNumber],
    ["E-mail copies to", ticket.automaticEmailCc],
    ["Reference", ticket.externalXRef],
    ...ownFields(ticket),
    ["Opened", doneBy(ticket._info.dateEntered, ticket._info.enteredBy)],
    ["Updated", doneBy(ticket._info.lastUpdated, ticket._info.updatedBy)],
    ["Closed", doneBy(ticket.closedDate, ticket.closedBy)],
  ]);
}

async function ticketDetail(id) {
  const { ticket, notes, time, schedule, configurations, closing } = await ask("ticket", { tenant: state.tenant, ticket: id });
  const blocks = notes.map((note) => {
    const place = note.resolutionFlag ? "resolution" : note.internalAnalysisFlag ? "internal" : "discussion";
    return element("div", [element("small", [note.createdBy, place, moment(note.dateCreated)].filter(Boolean).join(" · ")), note.text ?? ""], { class: `note ${place}` });
  });
  return {
    title: `#${ticket.id} ${ticket.summary}`,
    deeds: ticketDeeds(ticket, closing),
    body: [
      ticketFacts(ticket),
      heading(`Notes (${notes.length})`),
      ...(blocks.length ? blocks : [element("p", "None.", { class: "soft" })]),
      ...listed("Time entries", time, (each) => [`${named(each.member) || each.enteredBy || ""}: ${each.notes ?? ""}`, `${each.actualHours ?? 0} h, ${moment(each.timeStart)}`]),
      ...listed("Schedule", schedule, (each) => [related("member", each.member), each.dateStart ? `${moment(each.dateStart)}, ${each.hours ?? 0} h` : "no time"]),
      ...listed("Configurations", configurations, (each) => [linkTo("configurations", each.id, each.name), [named(each.type), each.serialNumber].filter(Boolean).join(", ")]),
    ],
  };
}

// --- companies and money ----------------------------------------------------------------------------------------------

const oneOf = async (collection, id) => (await listOf(collection, { conditions: `id=${Number(id)}`, limit: 1 })).objects[0];

/** An amount with its decimals, and its currency where one is named. */
const amount = (value, { currency } = {}) => [money(value), value === undefined || value === null ? "" : (currency?.currencyCode ?? "")].filter(Boolean).join(" ");
const invoiceTitle = (invoice) => `Invoice ${invoice.invoiceNumber ?? `#${invoice.id}`}`;
const invoicePill = (invoice) => pill(named(invoice.status), invoice.balance === 0 ? "good" : "warn");
const invoiceLine = (invoice) => [linkTo("invoices", invoice.id, invoiceTitle(invoice)), [day(invoice.date), amount(invoice.total, invoice), named(invoice.status)].filter(Boolean).join(" · ")];
const productLine = (each) => [each.description || named(each.catalogItem), `${each.quantity ?? 0} × ${money(each.price)} = ${money(each.extPrice)}`];

/** What an invoice bills: the agreement's own amount, and its products. */
async function invoiceLines(invoice) {
  const { objects: products } = await listOf("procurement/products", { conditions: `invoice/id=${Number(invoice.id)}`, limit: 500 });
  const own = invoice.agreementAmount ? [[related("agreement", invoice.agreement) || "Agreement", money(invoice.agreementAmount)]] : [];
  return [...own, ...products.reverse().map(productLine)];
}

async function invoiceDetail(id) {
  const invoice = await oneOf("finance/invoices", id);
  if (!invoice) return gone();
  const [lines, { objects: payments }] = await Promise.all([invoiceLines(invoice), listOf("finance/invoices/payments", { parent: id, limit: 500 })]);
  const sum = (value) => (value ? amount(value, invoice) : "");
  return {
    title: invoiceTitle(invoice),
    body: [
      facts([
        ["Id", invoice.id],
        ["Status", invoicePill(invoice)],
        ["Type", invoice.type],
        ["Date", day(invoice.date)],
        ["Due", day(invoice.dueDate)],
        ["Terms", named(invoice.billingTerms)],
        ["Company", related("company", invoice.company)],
        ["Billed to", invoice.billToCompany?.id === invoice.company?.id ? "" : related("billToCompany", invoice.billToCompany)],
        ["Agreement", related("agreement", invoice.agreement)],
        ["Ticket", invoice.ticket && linkTo("tickets", invoice.ticket.id, `#${invoice.ticket.id}`)],
        ["Project", named(invoice.project)],
        ["Sales order", named(invoice.salesOrder)],
        ["Reference", invoice.reference],
        ["Purchase order", invoice.customerPO],
        ["Agreement amount", sum(invoice.agreementAmount)],
        ["Services", sum(invoice.serviceTotal)],
        ["Expenses", sum(invoice.expenseTotal)],
        ["Products", sum(invoice.productTotal)],
        ["Subtotal", amount(invoice.subtotal, invoice)],
        ["Sales tax", amount(invoice.salesTax, invoice)],
        ["Total", amount(invoice.total, invoice)],
        ["Payments", amount(invoice.payments, invoice)],
        ["Credits", sum(invoice.credits)],
        ["Balance", amount(invoice.balance, invoice)],
        ...ownFields(invoice),
        ["Made", doneBy(invoice._info.dateEntered, invoice._info.enteredBy)],
      ]),
      ...listed("Lines", lines, (each) => each),
      ...listed("Payments", payments, (each) => [[each.type, each.source].filter(Boolean).join(", "), `${amount(each.amount, invoice)}, ${day(each.paymentDate)}`]),
    ],
  };
}

async function companyDetail(id) {
  const conditions = `company/id=${Number(id)}`;
  const [company, contacts, agreements, invoices, devices, tickets] = await Promise.all([
    oneOf("company/companies", id),
    listOf("company/contacts", { conditions, limit: 20 }),
    listOf("finance/agreements", { conditions, limit: 20 }),
    listOf("finance/invoices", { conditions, limit: 6 }),
    listOf("company/configurations", { conditions, limit: 10 }),
    listOf("service/tickets", { conditions: `${conditions} and closedFlag=false`, limit: 10 }),
  ]);
  if (!company) return gone();
  const mail = (contact) => contact.communicationItems?.find((each) => each.communicationType === "Email")?.value ?? "";
  return {
    title: company.name,
    body: [
      facts([["Id", company.id], ["Identifier", company.identifier], ["Status", named(company.status)], ["Type", (company.types ?? []).map(named).join(", ")], ["Address", [company.addressLine1, company.addressLine2, company.city, company.state, company.zip].filter(Boolean).join(", ")], ["Phone", company.phoneNumber], ["Website", company.website], ["Territory", named(company.territory)], ...ownFields(company)]),
      ...some("Contacts", contacts, (each) => [`${each.firstName} ${each.lastName ?? ""}`, mail(each)]),
      ...some("Open tickets", tickets, (each) => [linkTo("tickets", each.id, `#${each.id} ${each.summary}`), named(each.status)]),
      ...some("Agreements", agreements, (each) => [linkTo("agreements", each.id, each.name), each.agreementStatus ?? ""]),
      ...some("Last invoices", invoices, invoiceLine),
      ...some("Configurations", devices, (each) => [linkTo("configurations", each.id, each.name), named(each.type)]),
    ],
  };
}

async function agreementDetail(id) {
  const [agreement, { objects: additions }, invoices] = await Promise.all([
    oneOf("finance/agreements", id),
    listOf("finance/agreements/additions", { parent: id, limit: 500 }).catch(() => ({ objects: [] })),
    listOf("finance/invoices", { conditions: `agreement/id=${Number(id)}`, limit: 6 }),
  ]);
  if (!agreement) return gone();
  const newest = invoices.objects[0];
  const price = (each) => `${each.quantity ?? 0} × ${money(each.unitPrice)} = ${money(each.extPrice ?? (each.quantity ?? 0) * (each.unitPrice ?? 0))}`;
  return {
    title: agreement.name,
    deeds: additionDeeds(additions),
    body: [
      facts([
        ["Id", agreement.id],
        ["Company", related("company", agreement.company)],
        ["Contact", named(agreement.contact)],
        ["Type", named(agreement.type)],
        ["Status", agreement.agreementStatus],
        ["From", day(agreement.startDate)],
        ["Until", agreement.noEndingDateFlag ? "no end" : day(agreement.endDate)],
        ["Cancelled", day(agreement.dateCancelled)],
        ["Billing cycle", named(agreement.billingCycle)],
        ["Terms", named(agreement.billingTerms)],
        ["Amount", amount(agreement.billAmount, agreement)],
        ["Prorated", agreement.prorateFlag ? "yes" : "no"],
        ["Next invoice", day(agreement.nextInvoiceDate)],
        ...ownFields(agreement),
      ]),
      ...listed("Additions", additions, (each) => [`${each.description || named(each.product)}${each.cancelledDate ? ` (cancelled ${day(each.cancelledDate)})` : ""}`, price(each)]),
      ...some("Last invoices", invoices, invoiceLine),
      ...(newest ? listed(`Lines of ${invoiceTitle(newest).toLowerCase()}`, await invoiceLines(newest), (each) => each) : []),
    ],
  };
}

// --- boards, members and roles ----------------------------------------------------------------------------------------

async function boardDetail(id) {
  const board = await oneOf("service/boards", id);
  if (!board) return gone();
  const statuses = await statusesOf(id);
  return {
    title: board.name,
    deeds: boardDeeds(board, statuses),
    body: [
      facts([["Id", board.id], ["State", statePill(board.inactiveFlag)], ["Location", named(board.location)], ["Department", named(board.department)]]),
      ...listed("Statuses", statuses, (each) => [`${each.name}${each.defaultFlag ? " (default)" : ""}${each.closedStatus ? " (closes)" : ""}`, statePill(each.inactive)]),
    ],
  };
}

const RIGHTS = [["A", "Add", "addLevel"], ["E", "Edit", "editLevel"], ["D", "Delete", "deleteLevel"], ["I", "Inquire", "inquireLevel"]];
const levelLetter = (letter, level) => ({ All: letter, My: letter.toLowerCase() })[level] ?? "";
const lettersOf = (setting) => RIGHTS.map(([letter, , field]) => levelLetter(letter, setting[field])).join("");

const rolesOf = (tenant) => ask("roles", { tenant });
const roleOfMember = (roles, identifier) => roles.find((each) => each.members.includes(identifier));

/** "AEi" is "add, edit, inquire own". */
function rightsInWords(letters) {
  if (letters === "AEDI") return "all";
  return RIGHTS.filter(([letter]) => letters.toUpperCase().includes(letter)).map(([letter, label]) => label.toLowerCase() + (letters.includes(letter) ? "" : " own")).join(", ");
}

/** What a role may do, in words; of many module functions the first three. */
function mayDo(role) {
  if (!role) return "nothing: there is no role";
  if (role.inactive) return "nothing: it is inactive";
  if (role.admin) return "everything";
  const granted = Object.entries(role.rights).map(([name, letters]) => `${name}: ${rightsInWords(letters)}`);
  if (!granted.length) return "nothing";
  const shown = 3;
  return granted.slice(0, shown).join("; ") + (granted.length > shown ? `; and ${granted.length - shown} more` : "");
}

async function memberDetail(id) {
  const [member, roles] = await Promise.all([oneOf("system/members", id), rolesOf(state.tenant)]);
  if (!member) return gone();
  const role = roleOfMember(roles, member.identifier);
  return {
    title: `${member.firstName} ${member.lastName ?? ""}`,
    deeds: memberDeeds(member, role, roles),
    body: [
      facts([
        ["Id", member.id],
        ["Identifier", member.identifier],
        ["State", statePill(member.inactiveFlag)],
        ["Role", role ? linkTo("roles", role.id, role.name) : none()],
        ["May do", !role || role.admin || role.inactive ? mayDo(role) : ""],
        ["Title", member.title],
        ["Kind", member.licenseClass === "A" ? "API member: programs call in this name" : ""],
        ["E-mail", member.officeEmail],
        ["Location", named(member.defaultLocation)],
        ["Department", named(member.defaultDepartment)],
        ["Sees only", member.structureLevel && member.structureLevel.id !== 1 ? named(member.securityLocation) : ""],
        ["Time zone", named(member.timeZone)],
        ["Here since", day(member.hireDate)],
      ]),
      ...(!role || role.admin || role.inactive ? [] : listed("May do", Object.entries(role.rights), ([name, letters]) => [name, rightsInWords(letters)])),
    ],
  };
}

async function roleDetail(id) {
  const [roles, { objects: settings }] = await Promise.all([rolesOf(state.tenant), listOf("system/securityRoles/settings", { parent: id, limit: 500 }).catch(() => ({ objects: [] }))]);
  const role = roles.find((each) => String(each.id) === String(id));
  if (!role) return gone();
  settings.sort((a, b) => a.sortOrder - b.sortOrder);
  const whole = people.filter((each) => role.members.includes(each.identifier));
  return {
    title: role.name,
    deeds: role.admin ? [] : roleDeeds(role, settings),
    body: [
      element("p", role.admin ? "Administrators: this role may do everything, whatever its settings say." : "A: add, E: edit, D: delete, I: inquire. A small letter covers only the member's own. An administrator changes them.", { class: "soft" }),
      ...listed("Members with this role", whole, (each) => [linkTo("members", each.id, `${each.firstName} ${each.lastName ?? ""}`), retired(each.identifier, each.inactiveFlag)]),
      ...(role.admin ? [] : listed("Module functions", settings, (each) => [`${each.moduleName}: ${each.moduleFunctionName}`, lettersOf(each) || "none"])),
    ],
  };
}

// --- calls ------------------------------------------------------------------------------------------------------------

async function callDetail(number) {
  const call = await ask("calls", { number });
  const pretty = (text, bytes) => {
    if (!text) return element("p", bytes ? "Not kept." : "Empty.", { class: "soft" });
    let shown = text;
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      if (bytes > text.length) shown += `\n… ${bytes} bytes in all`;
    }
    return element("pre", shown);
  };
  return {
    title: `${call.method} ${readable(call.target).split("?")[0]}`,
    body: [
      facts([["Number", call.number], ["Time", second(call.at)], ["Company", call.tenant || "none"], ["Answer", callStatus(call)], ["Done", call.handled ? "yes" : "no: a limit or a fault answered"]]),
      heading("Target"),
      element("pre", call.target),
      heading("Request"),
      pretty(call.request, call.request_bytes),
      heading("Answer"),
      pretty(call.answer, call.answer_bytes),
    ],
  };
}

const gone = () => ({ title: "Not found", body: [element("p", "It is not there, or no longer.", { class: "soft" })] });
