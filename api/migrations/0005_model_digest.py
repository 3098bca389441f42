from django.db import migrations, models

import api.fast_json


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0004_reviews"),
    ]

    operations = [
        migrations.AddField(
            model_name="prediction",
            name="model_digest",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of the model's bundle. Empty in answers of earlier versions.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="prediction",
            name="other_model",
            field=api.fast_json.FastJSONField(
                help_text="For some photos that a bundle on trial answered: the digest of the served one, and whether "
                "it said the same breed and the same verdict.",
                null=True,
            ),
        ),
    ]
