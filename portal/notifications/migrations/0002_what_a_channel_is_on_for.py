from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def for_what_they_have_now(apps, schema_editor):
    """Whoever turned a way on did so for the number and address their account has."""
    choices = apps.get_model("notifications", "ContactChoice").objects
    users = apps.get_model("accounts", "User").objects.filter(pk=OuterRef("user"))
    for on_at, on_for, has in (("sms_on_at", "sms_on_for", "phone"), ("email_on_at", "email_on_for", "email")):
        now = Coalesce(Subquery(users.values(has)[:1]), models.Value(""), output_field=models.CharField())
        choices.exclude(**{on_at: None}).update(**{on_for: now})
        choices.filter(**{on_for: ""}).update(**{on_at: None})
    schema_editor.connection.check_constraints()  # what is checked at the end of a transaction, now: the table changes next


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('notifications', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='contactchoice',
            name='sms_on_for',
            field=models.CharField(blank=True, db_default='', default='', max_length=20),
        ),
        migrations.AddField(
            model_name='contactchoice',
            name='email_on_for',
            field=models.CharField(blank=True, db_default='', default='', max_length=254),
        ),
        migrations.AddField(
            model_name='contactchoice',
            name='no_thanks_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(for_what_they_have_now, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='contactchoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sms_on_at', None), ('sms_on_for', '')), models.Q(('sms_on_at__isnull', False), models.Q(('sms_on_for', ''), _negated=True)), _connector='OR'), name='contact_sms_on_for_a_number'),
        ),
        migrations.AddConstraint(
            model_name='contactchoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('email_on_at', None), ('email_on_for', '')), models.Q(('email_on_at__isnull', False), models.Q(('email_on_for', ''), _negated=True)), _connector='OR'), name='contact_email_on_for_an_address'),
        ),
    ]
