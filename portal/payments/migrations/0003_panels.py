import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.audit.append_only
import portal.refs


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0002_drafts_and_queue'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PanelMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('part', models.CharField(choices=[('CHAIR', 'Chair'), ('MEMBER', 'Member'), ('CLERK', 'Clerk: writes down, does not decide')], max_length=6)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='panel_seats', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='panelmember_ends_after_start'),
                    models.UniqueConstraint(condition=models.Q(('ends_on', None)), fields=('user',), name='one_seat_each'),
                    models.UniqueConstraint(condition=models.Q(('ends_on', None), ('part', 'CHAIR')), fields=('part',), name='one_chair'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PanelMeeting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(default=portal.refs.new_ref, editable=False, max_length=10, unique=True)),
                ('meets_on', models.DateField()),
                ('papers_by', models.DateField()),
                ('quorum', models.PositiveSmallIntegerField(default=3)),
                ('called_off_at', models.DateTimeField(null=True)),
                ('called_off_why', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('called_off_at', None)), fields=('meets_on',), name='one_panel_a_day'),
                    models.CheckConstraint(condition=models.Q(('papers_by__lte', models.F('meets_on'))), name='panel_papers_first'),
                    models.CheckConstraint(condition=models.Q(('quorum__gte', 2)), name='panel_is_not_one_person'),
                    models.CheckConstraint(condition=models.Q(('called_off_at', None), models.Q(('called_off_why', ''), _negated=True), _connector='OR'), name='panel_called_off_says_why'),
                ],
            },
        ),
        migrations.AddField(
            model_name='decision',
            name='chair_alone',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='decision',
            name='meeting',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.panelmeeting'),
        ),
        portal.audit.append_only.AppendOnly('payments_decision'),
        migrations.CreateModel(
            name='PanelPresence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='present', to='payments.decision')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('decision', 'user'), name='present_once'),
                ],
            },
        ),
        portal.audit.append_only.AppendOnly('payments_panelpresence'),
        migrations.AddField(
            model_name='paymentrequest',
            name='meeting',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='payments.panelmeeting'),
        ),
        migrations.AddConstraint(
            model_name='paymentrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'WITH_PANEL'), _negated=True), ('meeting__isnull', False), _connector='OR'), name='request_with_panel_has_a_day'),
        ),
    ]
