#!/usr/bin/env python3
"""Writes limits.json: what AWS's descriptions say of lengths, sizes and patterns, by the names of the types.

The npm package that the stand-in goes by leaves these out. They are those of botocore (Apache License 2.0), which has the same descriptions in full:

    pip install botocore && python3 limits.py > limits.json
"""

import gzip
import json
import os
import sys

import botocore

# By the name that requests are signed for.
SERVICES = {
    "ec2": "ec2/2016-11-15",
    "ecr": "ecr/2015-09-21",
    "eks": "eks/2017-11-01",
    "elasticloadbalancing": "elbv2/2015-12-01",
    "iam": "iam/2010-05-08",
    "logs": "logs/2014-03-28",
    "monitoring": "cloudwatch/2010-08-01",
    "route53": "route53/2013-04-01",
    "servicequotas": "service-quotas/2019-06-24",
    "sts": "sts/2011-06-15",
}


def limits(folder):
    with gzip.open(os.path.join(os.path.dirname(botocore.__file__), "data", folder, "service-2.json.gz")) as file:
        shapes = json.load(file)["shapes"]
    found = {}
    for name, shape in shapes.items():
        said = {key: shape[key] for key in ("min", "max", "pattern") if key in shape}
        if said:
            found[name] = said
        # Which type the keys of a map are of, the package does not say either.
        if shape["type"] == "map" and (key := {k: shapes[shape["key"]["shape"]][k] for k in ("min", "max", "pattern") if k in shapes[shape["key"]["shape"]]}):
            found[f"{name}Key"] = key
    return found


lines = [f'  "$source": "botocore {botocore.__version__}"']
for service, folder in SERVICES.items():
    rows = ",\n".join(f"    {json.dumps(name)}: {json.dumps(said)}" for name, said in sorted(limits(folder).items()))
    lines.append(f"  {json.dumps(service)}: {{\n{rows}\n  }}")
sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")
