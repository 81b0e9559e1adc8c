from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ledger.guarding import raised, taken


def stand(apps: Apps, schema: BaseDatabaseSchemaEditor) -> None:
    del apps
    raised(schema)


def go(apps: Apps, schema: BaseDatabaseSchemaEditor) -> None:
    del apps
    taken(schema)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(stand, go)]
