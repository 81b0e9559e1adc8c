from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_the_past_stands")]
    operations = [
        migrations.AddIndex(
            model_name="landmark",
            index=models.Index(
                condition=models.Q(("t", "key-rotation")),
                fields=["t"],
                name="landmark_rotation",
            ),
        ),
    ]
