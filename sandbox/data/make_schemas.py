#!/usr/bin/env python3
"""Writes schemas.json, the fields of each schema that the sandbox serves, from ConnectWise's OpenAPI document.

    make_schemas.py OPENAPI.json > schemas.json

A field is one text: its type, then its properties. Types: int decimal string bool date any ints strings,
ref:T and refs:T (one reference, a list of references of type T), enum:A|B, objects:S (a list of objects of schema S),
customfields. Properties: max=N required postonly update (required on updates).
"""
import json
import re
import sys

SERVED = """Ticket ServiceNote ServiceTicketNote Board BoardStatus BoardType BoardSubType BoardItem BoardTeam
BoardTypeSubTypeItemAssociation Priority Severity Impact Source ServiceLocation ServiceTeam SLA Company CompanySite
CompanyType CompanyStatus CompanyNote Contact ContactType ContactCommunication CommunicationType
Company.Configuration ConfigurationType ConfigurationStatus Agreement AgreementType Member TimeEntry Location
Department WorkType WorkRole Country ContactCommunicationItem CustomFieldValue ConfigurationQuestion
CompanyCompanyTypeAssociation.CompanyTypeAssociation SecurityRole BillingCycle""".split()


def describe(schema):
    kind = schema.get("type")
    if "$ref" in schema:
        name = schema["$ref"].split("/")[-1]
        return "ref:" + name if name.endswith("Reference") else "any"
    if kind == "array":
        items = schema["items"]
        if "$ref" in items:
            name = items["$ref"].split("/")[-1]
            if name == "CustomFieldValue":
                return "customfields"
            return ("refs:" if name.endswith("Reference") else "objects:") + name
        return {"integer": "ints", "string": "strings"}.get(items.get("type"), "any")
    if schema.get("enum"):
        return "enum:" + "|".join(schema["enum"])
    if kind == "string":
        return "date" if schema.get("format") == "date-time" else "string"
    return {"integer": "int", "number": "decimal", "boolean": "bool"}.get(kind, "any")


def main():
    schemas = json.load(open(sys.argv[1]))["components"]["schemas"]
    served, references = {}, set()
    for name in SERVED:
        if name not in schemas:
            print("absent: " + name, file=sys.stderr)
            continue
        fields = {}
        for field, schema in schemas[name]["properties"].items():
            if field == "_info" or re.match("^(grandP|p)arent(ConnectWise)?Id$", field):
                continue
            text = describe(schema)
            references.update(re.findall(r"refs?:(\w+)", text))
            if "maxLength" in schema:
                text += " max=%d" % schema["maxLength"]
            if field in schemas[name].get("required", []):
                text += " required"
            if schema.get("x-postOnly"):
                text += " postonly"
            fields[field] = text
        served[name] = fields
    shapes = {r: [m for m in schemas[r]["properties"] if m != "_info"] for r in sorted(references) if r in schemas}
    print(json.dumps({"schemas": served, "references": shapes}, indent=1))


main()
