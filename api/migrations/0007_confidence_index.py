from django.db import migrations, models


class Migration(migrations.Migration):
    """An older server beside this one does not notice the index.

    PostgreSQL stores no answers while it makes the index: for 0.9 s with a million of them, which is less than the time
    that a server waits. Making it CONCURRENTLY could leave an index that is not valid, which somebody would have to
    remove.
    """

    dependencies = [
        ("api", "0006_weeks"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="prediction",
            index=models.Index(fields=["probability", "id"], name="answer_by_confidence"),
        ),
    ]
