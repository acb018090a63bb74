#!/usr/bin/env python3
"""Writes schemas.json and operations.json, what the sandbox takes from ConnectWise's OpenAPI document.

    make_document.py OPENAPI.json      (writes beside itself)

additions.json, beside this file, has what that document leaves out and public clients know; its "source" says which.
"paths": per path the letters of its methods (G=GET P=POST U=PUT A=PATCH D=DELETE), the schema of its objects, and its
siblings ("+count" is a path of its own). Letters without a schema: nobody says what it takes or answers, or what it
does. An object says it per method: status, schema of the body, schema of the answer; 501 where it is not known.
"schemas": as in schemas.json, references among them.

schemas.json: the fields of each schema. A field is one text: its type, then its properties. Types: int decimal string
bool date any ints strings, ref:T and refs:T (one reference, a list of references of type T), enum:A|B, object:S and
objects:S (an object, a list of objects of schema S), customfields. Properties: max=N required postonly.
"references": the members of each reference type.

operations.json: "collections", what the sandbox keeps rows of, by path without ids: schema, noun, parent and the field
that shows the parent. "paths": each path of the document with its kind (list, item, count, or operation with its
"tail" behind the collection or object that it works on), collection, schema shown, and its methods: operationId,
status of success (501: it is not simulated), schema of the body, schema of the answer.
"""
import json
import os
import re
import sys

# Paths that show rows of a collection under another name.
SAME_ROWS = {
    "company/companies/info/types": "company/companies/types",
    "company/companytypeassociations": "company/companies/typeAssociations",
    "company/contacttypeassociations": "company/contacts/typeAssociations",
    "procurement/categories/subcategories": "procurement/subcategories",
    "system/members/mycertifications": "system/members/certifications",
    "system/myaccount/delegations": "system/members/delegations",
    "system/myaccount/skills": "system/members/skills",
    "system/myaccount": "system/members",
    "project/boards": "service/boards",
    "service/info/boards": "service/boards",
    "service/info/boardtypes": "service/boards/types",
    "system/info/departmentlocations": "system/departments/locations",
    "system/info/departments": "system/departments",
    "system/info/links": "system/links",
    "system/info/locations": "system/locations",
    "system/info/members": "system/members",
    "system/info/standardnotes": "system/standardNotes",
    "system/mycompany/info/services": "system/mycompany/services",
    "system/members/withsso": "system/members",
    "schedule/details": "schedule/entries/details",
    "finance/info/taxintegrations": "finance/taxIntegrations",
    "marketing/campaigns/types/subtypes": "marketing/campaigns/subTypes",
    "system/workflowactions/automateparameters": "system/workflows/events/actions/automateParameters",
    "time/info/chargecodeexpensetypes": "time/chargeCodes/expenseTypes",
    # No lists, but above others' in paths.
    "finance/agreementtypes": "finance/agreements/types",
    "system/workflowactions": "system/workflows/events/actions",
}
# Where two paths show the same rows in different schemas, the fuller one.
SCHEMAS = {
    "marketing/campaigns/subTypes": "Campaign.SubType.CampaignSubType",
    "procurement/subcategories": "SubCategory",
}
# A member of that type shows somebody else than the parent.
NOT_PARENT = {"system/members/delegations"}
# Objects that have no list.
ITEMS_ONLY = {"/company/management/{id}", "/system/myAccount/{id}", "/service/knowledgebasesettings/{id}"}
# Lists that are worked out when they are asked for.
WORKED_OUT = {
    "service/tickets/calculatesla", "service/tickets/allnotes", "project/tickets/allnotes",
    "system/members/calendarsync", "system/members/withsso", "company/management/logs",
    "system/mysecurity", "system/mysecurity/customizeitems", "system/reports", "system/audittrail",
    "company/contacts/portalsecurity", "system/workflows/events/test", "sales/opportunities/conversions",
    "sales/orders/conversions", "sales/orders/financialrecap", "sales/opportunities/forecast",
    "service/info/boards/active", "procurement/catalog/vendors", "finance/agreementrecap",
    "system/workflows/userdefinedfields/events/actions", "system/workflows/userdefinedfields/actions",
    "system/workflows/userdefinedfields/events",
}
# Collections whose paths tell less than others': what stands in for what is missing, the paths of all of their rows, of
# single ones, and their number. Where the document has no schema, the nearest that it has.
GIVEN = {
    "company/companies/serviceTemplates": {
        "schema": "ServiceTemplate", "list": ["/company/companies/{parentId}/serviceTemplates"],
        "item": ["/company/companies/{parentId}/serviceTemplates/{id}"]},
    "procurement/catalog/vendors": {
        "schema": "CatalogVendors", "noun": "catalogVendors", "parent": "procurement/catalog",
        "parentField": "catalogItemId",
        "list": ["/procurement/catalog/vendors", "/procurement/catalog/vendors/{parentId}"],
        "item": ["/procurement/catalog/{parentId}/vendors/{id}", "/procurement/catalog/{parentId}/vendors/{id}{id}"]},
    "sales/opportunities/forecast": {
        "schema": "Forecast", "noun": "forecast",
        "list": ["/sales/opportunities/{parentId}/forecast", "/sales/opportunities/{parentId}/forecast/"],
        "count": ["/sales/opportunities/{parentId}/forecast/count"]},
    "service/templates/tasks": {
        "schema": "ServiceTask", "list": ["/service/templates/{parentId}/tasks"],
        "item": ["/service/templates/{parentId}/tasks/{id}"]},
    "system/todayPagelinks": {
        "schema": "Link", "noun": "todayPageLink", "list": ["/system/todayPagelinks", "/system/todayPagelinks/"],
        "item": ["/system/todayPagelinks/{id}"]},
    "system/userDefinedFields": {
        "schema": "UserDefinedField", "noun": "userDefinedField", "list": ["/system/userDefinedFields"],
        "item": ["/system/userDefinedFields/{id}"], "count": ["/system/userDefinedFields/count"],
        "list of UserDefinedFieldInfo": ["/system/customFieldInfos"]},
    "system/workflows/userdefinedfields": {
        "schema": "WorkflowActionUserDefinedField", "list": ["/system/workflows/userdefinedfields/events/actions"],
        "item": ["/system/workflows/userdefinedfields/{id}"]},
}
# Single objects of a collection under another name.
SAME_ITEMS = {
    "/finance/agreementTypes/{parentId}/workroles/info/{id}": "finance/agreementtypes/workroles",
    "/finance/info/invoice/{id}": "finance/invoices",
}
# Operations whose owner cannot be read from their path: its collection, whether it is one object or all of a parent's,
# and how many ids name it.
PLACED = {
    "/finance/agreements/types{id}/copy": ("finance/agreements/types", "item", 1),
    "/sales/opportunities/{parentId}/forecast/copy/{id}": ("sales/opportunities/forecast", "list", 1),
    "/sales/opportunities/{parentId}/forecast/{id}": ("sales/opportunities/forecast", "list", 1),
    "/schedule/entries/{id}/{notifyResource}": ("schedule/entries", "item", 1),
    "/system/info/members/{memberIdentifier}": ("system/members", "list", 0),
    "/system/members/{memberIdentifier}": ("system/members", "list", 0),
    "/system/workflows/userdefinedfields/actions/{parentId}": ("system/workflows/userdefinedfields", "list", 1),
    "/system/workflows/userdefinedfields/events/{grandparentId}": ("system/workflows/userdefinedfields", "list", 1),
    "/system/workflows/userdefinedfields/events/{grandparentId}/actions/{parentId}":
        ("system/workflows/userdefinedfields", "list", 2),
}
METHODS = {"G": "get", "P": "post", "U": "put", "A": "patch", "D": "delete"}
# Answers of a regular path: status, body, answer by the schema of its objects.
REGULAR = {"get": (200, "", "{}"), "post": (201, "{}", "{}"), "put": (200, "{}", "{}"),
           "patch": (200, "*PatchOperation", "{}"), "delete": (204, "", "")}
NOT_SIMULATED = (501, "", "")


def last(reference):
    return reference.split("/")[-1]


def is_reference(name):
    return name.endswith("Reference") and name != "ManagedDevicesIntegrationCrossReference"


def describe(schema):
    kind = schema.get("type")
    if "$ref" in schema:
        name = last(schema["$ref"])
        return ("ref:" if is_reference(name) else "object:") + name
    if kind == "array":
        items = schema["items"]
        if "$ref" in items:
            name = last(items["$ref"])
            if name == "CustomFieldValue":
                return "customfields"
            return ("refs:" if is_reference(name) else "objects:") + name
        return {"integer": "ints", "string": "strings"}.get(items.get("type"), "any")
    if schema.get("enum"):
        return "enum:" + "|".join(schema["enum"])
    if kind == "string":
        return "date" if schema.get("format") == "date-time" else "string"
    return {"integer": "int", "number": "decimal", "boolean": "bool"}.get(kind, "any")


def fields_of(schema):
    fields = {}
    for field, described in schema.get("properties", {}).items():
        if re.match("^(grandP|p)arent(ConnectWise)?Id$", field):
            continue
        text = "info" if field == "_info" else describe(described)
        if "maxLength" in described:
            text += " max=%d" % described["maxLength"]
        if field in schema.get("required", []):
            text += " required"
        if described.get("x-postOnly"):
            text += " postonly"
        fields[field] = text
    return fields


def schema_in(content):
    for media in (content or {}).values():
        schema = media.get("schema", {})
        if "$ref" in schema:
            return last(schema["$ref"]), False
        if "$ref" in schema.get("items", {}):
            return last(schema["items"]["$ref"]), True
    return "", False


def segments(path):
    return [part for part in path.split("/") if part]


def key_of(path):
    return "/".join(part for part in segments(path) if not part.startswith("{"))


class Document:
    def __init__(self, document):
        self.schemas = document["components"]["schemas"]
        self.paths, self.collections = {}, {}
        for path in sorted(document["paths"]):
            self.add_path(path, document["paths"][path])
        for key, given in GIVEN.items():
            self.add_given(key, given)
        for path, collection in SAME_ITEMS.items():
            shown = self.paths[path]["methods"]["GET"]["answer"]
            self.paths[path].update(kind="item", collection=collection, schema=shown)
        for path, (collection, of, ids) in PLACED.items():
            tail = "/".join(part for part in segments(path)[2:] if not part.startswith("{"))
            self.paths[path].update(kind="operation", collection=collection, tail=tail.lower(), of=of, ids=ids)
        # The parent-scoped path of a collection says more than one that shows the same rows of all parents.
        for path in sorted(self.paths, key=lambda path: (path.lower().count("/info"), -path.count("{"))):
            self.classify(path)
        for path in ITEMS_ONLY:
            self.add_item_only(path, self.paths[path])
        for path, entry in self.paths.items():
            if "kind" not in entry:
                self.classify_operation(path, entry)
        for collection in self.collections.values():
            self.find_parent(collection)
        for entry in self.paths.values():
            self.complete(entry)

    def add_path(self, path, item):
        methods = {}
        for method in METHODS.values():
            if method not in item:
                continue
            operation = item[method]
            success = next((status for status in operation["responses"] if status[0] == "2" or status == "501"), "200")
            body = operation.get("requestBody", {})
            answer, is_list = schema_in(operation["responses"].get(success, {}).get("content"))
            sent, sent_list = schema_in(body.get("content"))
            methods[method.upper()] = {
                "id": operation.get("operationId", ""), "status": int(success),
                "body": ("*" if sent_list else "") + sent, "answer": ("*" if is_list else "") + answer,
                "noun": body.get("description") or "",
                "unknown": operation["responses"].get(success, {}).get("description") == "unknown"}
        self.paths[path] = {"methods": methods}

    def add_given(self, key, given):
        collection = {"path": key, "lists": given["list"], "noun": given.get("noun", "")}
        collection.update({name: given[name] for name in ("schema", "parent", "parentField") if name in given})
        self.collections[key.lower()] = collection
        for kind, paths in given.items():
            kind, _, narrower = kind.partition(" of ")
            for path in paths if kind in ("list", "item", "count") else []:
                self.paths[path].update(kind=kind, collection=key.lower(), schema=narrower or given["schema"], given=True)

    def complete(self, entry):
        """Where nothing is known but path and method, status and answer are those of all others."""
        if entry["kind"] not in ("list", "item"):
            return
        for method, operation in entry["methods"].items():
            if operation["unknown"]:
                operation["status"] = {"POST": 201, "DELETE": 204}.get(method, 200)
            if method != "DELETE" and (operation["unknown"] or entry.get("given")):
                many = entry["kind"] == "list" and method == "GET"
                operation["answer"] = ("*" if many else "") + entry["schema"]

    def lists(self, entry):
        answer = entry["methods"].get("GET", {}).get("answer", "")
        return answer.startswith("*") and not is_reference(answer[1:])

    def real_collection(self, key):
        return SAME_ROWS.get(key.lower(), key)

    def classify(self, path):
        entry, parts = self.paths[path], segments(path)
        if "kind" in entry or not self.lists(entry) or key_of(path).lower() in WORKED_OUT or "usages" in parts:
            return
        if parts[-1].startswith("{") and parts[-1] != "{parentId}":
            return
        schema, key = entry["methods"]["GET"]["answer"][1:], key_of(path)
        if parts[-1] == "info" and (key.lower() not in SAME_ROWS):
            key = self.real_collection(key[:-len("/info")])
            if key.lower() not in self.collections:
                return
        key = self.real_collection(key)
        collection = self.collections.setdefault(key.lower(), {"path": key, "schema": schema, "lists": []})
        collection["lists"].append(path)
        if not collection.get("noun"):
            collection["noun"] = entry["methods"].get("POST", {}).get("noun", "")
        entry.update(kind="list", collection=key.lower(), schema=schema)
        stem = path.rstrip("/")
        for other, kind in ((stem + "/{id}", "item"), (stem + "/count", "count"),
                            (stem[:-len("/info")] + "/{id}/info" if stem.endswith("/info") else "", "item")):
            # Letter case differs within the document: slas/info beside SLAs/info/count.
            for spelled in [each for each in self.paths if each.lower() == other.lower()]:
                if "kind" not in self.paths[spelled]:
                    self.paths[spelled].update(kind=kind, collection=key.lower(), schema=schema)

    def add_item_only(self, path, entry):
        schema, key = entry["methods"]["GET"]["answer"], self.real_collection(key_of(path))
        self.collections.setdefault(key.lower(), {"path": key, "schema": schema, "lists": [], "noun": ""})
        entry.update(kind="item", collection=key.lower(), schema=schema)
        counting = self.paths.get("/" + key_of(path) + "/count")
        if counting:
            counting.update(kind="count", collection=key.lower(), schema=schema)

    def classify_operation(self, path, entry):
        """What is left works on a collection or an object, or stands alone."""
        parts = segments(path)
        for end in range(len(parts) - 1, 0, -1):
            start = "/" + "/".join(re.sub(r"^\{(parentId|memberIdentifier)\}$", "{id}", part) if i == end - 1 else part
                                   for i, part in enumerate(parts[:end]))
            owner = self.paths.get(start) or self.paths.get(start + "/")
            if owner and owner.get("kind") in ("list", "item"):
                tail = "/".join(part for part in parts[end:] if not part.startswith("{"))
                if tail == "count/info":
                    shown = self.paths.get(start + "/info", owner)
                    entry.update(kind="count", collection=owner["collection"], schema=shown["schema"])
                elif tail == "info" and owner["kind"] == "item":
                    entry.update(kind="item", collection=owner["collection"],
                                 schema=entry["methods"]["GET"]["answer"])
                elif tail:
                    entry.update(kind="operation", collection=owner["collection"], tail=tail.lower(), of=owner["kind"],
                                 ids=len([part for part in parts[:end] if part.startswith("{")]))
                if tail:
                    return
        entry.update(kind="operation", collection="", tail=key_of(path).lower())

    def find_parent(self, collection):
        collection["schema"] = SCHEMAS.get(collection["path"], collection["schema"])
        if not collection["lists"] or "parent" in collection:
            return
        deepest = max(collection["lists"], key=lambda path: path.count("{"))
        parts = segments(deepest)
        ids = [i for i, part in enumerate(parts) if part.startswith("{")]
        if not ids:
            return
        parent = self.real_collection("/".join(p for p in parts[:ids[-1]] if not p.startswith("{"))).lower()
        if parent not in self.collections:
            print("no parent: " + deepest, file=sys.stderr)
            return
        collection["parent"] = parent
        if collection["path"] in NOT_PARENT:
            return
        fields = self.schemas[collection["schema"]]["properties"]
        parent_schema = self.collections[parent]["schema"].split(".")[-1]
        for field, described in fields.items():
            name = last(described.get("$ref", ""))
            plain = field.lower()
            short = [parent_schema.lower(), re.sub("^(board|service|configuration)", "", parent_schema.lower())]
            if is_reference(name) and (name == parent_schema + "Reference" or plain in short):
                collection["parentField"] = field
                return
        for field in fields:
            if field.lower() in (parent_schema.lower() + "id", parent_schema.lower() + "recid",
                                 segments(parent)[-1].rstrip("s") + "id"):
                collection["parentField"] = field
                return


def content(schema):
    reference = {"$ref": "#/components/schemas/" + schema.lstrip("*")}
    described = {"type": "array", "items": reference} if schema.startswith("*") else reference
    return {"content": {"application/json": {"schema": described}}} if schema else {}


def operation_of(status, body, answer):
    operation = {"responses": {str(status): content(answer)}}
    return dict(operation, requestBody=content(body)) if body else operation


def add_paths(paths, path, given):
    """What one line of the additions says, as OpenAPI says it."""
    item = paths.setdefault(path, {})
    siblings = []
    if isinstance(given, str):
        words = given.split(" ")
        siblings = [word for word in words if word.startswith("+")]
        letters, schema = (words + ["", ""])[:2] if not given.startswith("+") else ("", "")
        schema = "" if schema.startswith("+") else schema
        for letter in letters:
            method = METHODS[letter]
            status, body, answer = REGULAR[method] if schema else NOT_SIMULATED
            answer = ("*" if method == "get" and not path.endswith("}") and answer else "") + answer
            item[method] = operation_of(status, body.format(schema), answer.format(schema))
    else:
        siblings = given.get("+", "").split()
        item.update({method.lower(): operation_of(*facts) for method, facts in given.items() if method != "+"})
    for sibling in siblings:
        add_sibling(paths, path, item, sibling[1:])


def add_sibling(paths, path, item, name):
    stem = path.rstrip("/") + "/"
    if name in ("count", "info/count"):
        return paths.setdefault(stem + name, {"get": operation_of(200, "", "Count")})
    if name.startswith("usages"):
        for each in ("usages", "usages/list") if name == "usages" else (name,):
            paths[stem + each] = {"get": operation_of(200, "", "*Usage")}
        return None
    shown, is_list = schema_in(item["get"]["responses"]["200"]["content"])
    return paths.setdefault(stem + name, {"get": operation_of(200, "", ("*" if is_list else "") + shown + "Info")})


def property_of(text):
    """A field in the words of schemas.json, as OpenAPI describes it."""
    word, *rest = text.split(" ")
    kind, _, name = word.partition(":")
    reference = {"$ref": "#/components/schemas/" + name}
    plain = {"int": {"type": "integer"}, "decimal": {"type": "number"}, "bool": {"type": "boolean"},
             "string": {"type": "string"}, "date": {"type": "string", "format": "date-time"}, "any": {}, "info": {},
             "ints": {"type": "array", "items": {"type": "integer"}},
             "strings": {"type": "array", "items": {"type": "string"}},
             "customfields": {"type": "array", "items": {"$ref": "#/components/schemas/CustomFieldValue"}},
             "enum": {"type": "string", "enum": name.split("|")},
             "ref": reference, "object": reference,
             "refs": {"type": "array", "items": reference}, "objects": {"type": "array", "items": reference}}
    described = dict(plain[kind])
    for each in rest:
        if each.startswith("max="):
            described["maxLength"] = int(each[4:])
    return described


def add_to(openapi, additions):
    for name, fields in additions["schemas"].items():
        openapi["components"]["schemas"].setdefault(name, {
            "properties": {field: property_of(text) for field, text in fields.items()},
            "required": [field for field, text in fields.items() if "required" in text.split(" ")]})
    for path, given in additions["paths"].items():
        add_paths(openapi["paths"], path, given)


def needed(schemas, document):
    """The schemas that are shown or sent, and what they consist of."""
    wanted, waiting = set(), ["CustomFieldValue"]
    for entry in document.paths.values():
        waiting += [m[part].lstrip("*") for m in entry["methods"].values() for part in ("body", "answer")]
    while waiting:
        name = waiting.pop()
        if name in wanted or name not in schemas or is_reference(name):
            continue
        wanted.add(name)
        waiting += re.findall(r'objects?:([\w.]+)', json.dumps(list(fields_of(schemas[name]).values())))
    return sorted(wanted)


def write_lines(name, sections):
    """One entry a line, so that a new document can be read as a difference."""
    text = []
    for section, entries in sections.items():
        lines = ['"%s":%s' % (key, json.dumps(value, separators=(",", ":"))) for key, value in entries.items()]
        text.append('"%s":{\n%s\n}' % (section, ",\n".join(lines)))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w") as file:
        file.write("{\n" + ",\n".join(text) + "\n}\n")


def main():
    with open(sys.argv[1]) as file:
        openapi = json.load(file)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "additions.json")) as file:
        add_to(openapi, json.load(file))
    schemas = openapi["components"]["schemas"]
    document = Document(openapi)
    served = {name: fields_of(schemas[name]) for name in needed(schemas, document)}
    shapes = {name: {field: describe(described) for field, described in schemas[name]["properties"].items()
                     if field != "_info"} for name in sorted(schemas) if is_reference(name)}
    write_lines("schemas.json", {"schemas": served, "references": shapes})
    collections = {}
    for key in sorted(document.collections):
        collection = document.collections[key]
        collections[collection["path"]] = {name: collection[name] for name in ("schema", "noun", "parent", "parentField")
                                           if collection.get(name)}
    paths = {}
    for path, entry in document.paths.items():
        shown = {name: entry[name] for name in ("kind", "collection", "schema", "tail", "of", "ids")
                 if entry.get(name)}
        shown["methods"] = {method: [op["id"], op["status"], op["body"], op["answer"]]
                            for method, op in entry["methods"].items()}
        paths[path] = shown
    write_lines("operations.json", {"collections": collections, "paths": paths})


main()
