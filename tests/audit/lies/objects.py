"""Lies about which objects there are, and what they are."""

from tests.audit.lies.telling import HEIGHT, WIDTH, biggest, lie


@lie("map_ids")
def dropped_object(copy):
    copy.labels(0).pop(5)


@lie("coco_objects", late=True)
def dropped_from_coco(copy):
    content = copy.coco()
    content["annotations"].pop(7)
    copy.put_coco(content)


@lie("label_ids")
def label_twice(copy):
    copy.labels(0).append(dict(copy.labels(0)[0]))


@lie("body")
def wrong_category(copy):
    label = copy.label(1, biggest(copy, 1))
    assert label["category"] == "forklift"
    label["category"] = "pallet_truck"


@lie("body", "semantic")
def wrong_category_everywhere(copy):
    """In label and COCO file; scene and semantic map know better."""
    for record in copy.records:
        for label in record["labels"]:
            label["category"] = {"pallet": "carton", "carton": "pallet"}.get(
                label["category"], label["category"]
            )
    copy.paint("semantic", 0, copy.pixels("semantic", 0)[::-1].copy())


@lie("coco_values", late=True)
def wrong_category_in_coco(copy):
    content = copy.coco()
    content["annotations"][3]["category_id"] %= len(content["categories"])
    content["annotations"][3]["category_id"] += 1
    copy.put_coco(content)


@lie("coco_values", late=True)
def unknown_category_id(copy):
    content = copy.coco()
    content["annotations"][3]["category_id"] = 99
    copy.put_coco(content)


@lie("coco_card", late=True)
def categories_renamed(copy):
    content = copy.coco()
    names = [category["name"] for category in content["categories"]]
    for category, name in zip(content["categories"], [names[-1], *names]):
        category["name"] = name
    copy.put_coco(content)


@lie("coco_objects", late=True)
def annotation_duplicated(copy):
    content = copy.coco()
    content["annotations"].append(content["annotations"][0] | {"id": 10**9})
    copy.put_coco(content)


@lie("coco_ids", "coco_values", late=True)
def annotation_ids_clash(copy):
    content = copy.coco()
    content["annotations"][1]["id"] = content["annotations"][0]["id"]
    copy.put_coco(content)


@lie("coco_ids", late=True)
def annotation_of_no_image(copy):
    content = copy.coco()
    content["annotations"][1]["image_id"] = 77
    copy.put_coco(content)


@lie("coco_image", late=True)
def orphan_record(copy):
    content = copy.coco()
    content["images"].pop(2)
    content["annotations"] = [a for a in content["annotations"] if a["image_id"] != 2]
    copy.put_coco(content)


@lie("coco_card", "frames", late=True)
def record_gone(copy):
    (copy.folder / "records/000002.json").unlink()


@lie("coco_image", late=True)
def wrong_image_size_in_coco(copy):
    content = copy.coco()
    content["images"][1]["width"], content["images"][1]["height"] = HEIGHT, WIDTH
    copy.put_coco(content)


@lie("coco_image", late=True)
def wrong_file_name_in_coco(copy):
    content = copy.coco()
    names = [image["file_name"] for image in content["images"]]
    for image, name in zip(content["images"], names[1:] + names[:1]):
        image["file_name"] = name
    copy.put_coco(content)


@lie("coco_image", late=True)
def wrong_intrinsics_in_coco(copy):
    content = copy.coco()
    content["images"][0]["intrinsics"][0][0] *= 1.01
    copy.put_coco(content)


@lie("coco_values", late=True)
def wrong_pose_in_coco(copy):
    content = copy.coco()
    w, x, y, z = content["annotations"][0]["pose"]["rotation"]
    content["annotations"][0]["pose"]["rotation"] = [x, y, z, w]
    copy.put_coco(content)


@lie("coco_values", late=True)
def stale_annotation_file(copy):
    """Made before the objects were moved: all boxes are a pixel off, masks are as they were."""
    content = copy.coco()
    for annotation in content["annotations"]:
        annotation["bbox"][1] += 1
    copy.put_coco(content)
