from django.db import migrations

# only a table's owner may gather its statistics, and the application works as another role
FUNCTION = """
create function register_gather_statistics() returns void language plpgsql security definer set search_path = public
as $$ begin
    analyze register_household, register_address, register_person, register_bankaccount, register_taxation;
end $$;
revoke execute on function register_gather_statistics() from public;
grant execute on function register_gather_statistics() to yakuba_app;
"""


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTION, "drop function register_gather_statistics()")]
