/** The vocabularies of SQL's dialects, as far as they tell code from prose. In lower case. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/).filter(Boolean))

/** Functions that wait, run programs, open files and connections: bare SQL has no honest use. */
const reaching = set(`
  benchmark pg_sleep pg_sleep_for pg_sleep_until sleep dbms_pipe.receive_message dbms_lock.sleep
  dbms_session.sleep user_lock.sleep load_file load_extension lo_import lo_export
  pg_read_file pg_read_binary_file pg_ls_dir sys_eval sys_exec utl_http.request httpuritype
  utl_inaddr.get_host_address utl_inaddr.get_host_name utl_smtp.open_connection dbms_ldap.init
  utl_tcp.open_connection utl_file.fopen dbms_scheduler.create_job dbms_java.runjava
  dbms_java_test.funcall openrowset opendatasource xp_cmdshell dblink_connect
`)

/** Functions whose error messages tell the data, or that keep a database busy. */
const telling = set(`
  extractvalue updatexml gtid_subset gtid_subtract xmltype ctxsys.drithsx.sn dbms_xmlgen.getxml
  dbms_utility.sqlid_to_sqlhash ordsys.ord_dicom.getmappingxpath regexp_substring crypt_key
  geometrycollection multipoint polygon linestring multilinestring multipolygon name_const
  st_latfromgeohash st_longfromgeohash st_pointfromgeohash json_keys randomblob generate_series
  get_lock master_pos_wait dblink query_to_xml database_to_xml fn_my_permissions make_set writefile
  dbms_assert.noop sys.fn_get_audit_file elt openquery
`)

/** Procedures of SQL Server, whatever database they are called in. */
export const serverProcedure =
  /(?:^|\.)(?:xp_(?:cmdshell|dirtree|fileexist|subdirs|reg\w+|servicecontrol|availablemedia|enum\w+|ntsec\w+|terminate_process|getfiledetails)|sp_(?:oa\w+|configure|executesql|addextendedproc|addlogin|addsrvrolemember|execute_external_script|start_job|makewebtask|helpextendedproc|password)|fn_xe_file_target_read_file|fn_trace_gettable)$/

/** Whether a call of this reaches out of the database: it is an attack's even in a bare statement. */
export const reachesOut = (name: string): boolean =>
  reaching.has(name) || serverProcedure.test(name)

/** Whether a call of this, where a value was expected, is an attack's. */
export const isAttackCall = (name: string): boolean => telling.has(name) || reachesOut(name)

/** Functions of the databases that an honest sentence hardly calls by these names. */
const functions = set(`
  abs aes_decrypt aes_encrypt ascii asciistr avg bin bin_to_num bitand cast ceil ceiling char
  char_length character_length chr coalesce col_name compress concat concat_ws connection_id conv
  convert cos count current_database current_schema current_setting current_user database datalength
  db_name decode degrees des_encrypt encode exp extract field find_in_set floor format found_rows
  from_base64 greatest group_concat group_name hex host_name if ifnull iif inet_aton inet_ntoa
  instr is_member is_srvrolemember isnull json_extract json_value last_insert_id lcase least left
  len length like ln locate log lower lpad ltrim make_set max md5 mid min mod nchar now nullif
  nvl object_id object_name octet_length ord patindex pg_client_encoding pi position pow power
  printf quote quotename quote_literal radians rand random rawtohex reduce regexp_replace
  regexp_substr repeat replace replicate reverse right round row row_count rpad rtrim schema
  session_user sha sha1 sha2 sign sin soundex space sqlite_version sqrt starts_with str strcmp
  string_agg stuff substr substring substring_index sum suser_name sys_context
  sysdate system_user tan to_base64 to_char to_number translate trim truncate typeof ucase
  uncompress unhex unicode upper user user_name utl_raw.cast_to_varchar2 uuid version
  wm_concat xmlagg xmlelement zeroblob binary pg_typeof array_to_string listagg exists
  randomblob generate_series sleep elt current_role has_dbaccess serverproperty
  array_agg bit_and bit_count btrim changes charset checksum coercibility collation crc32 current_query
  db_id dump file_name fn_varbintohexstr getdate inet_server_addr initcap instrb isjson isnumeric
  is_uuid last_insert_rowid likelihood likely load_file newid nvl2 ora_hash original_login overlay
  parsename period_add quote_ident sec_to_time split_part stddev string_to_array strpos suser_id
  suser_sname sys_guid timediff to_days to_json total_changes try_cast try_convert type_name unlikely
  user_id userenv uuid_short variance vsize xmlparse yearweek
`)

/** Families of functions that only databases have. */
const family = /^(?:json_|regexp_|pg_|sqlite_|dbms_|utl_|sys_|to_|inet6?_|xp_|sp_)\w/

/** Whether a database has a function of this name, and a sentence hardly calls one so. */
export const isFunction = (name: string): boolean => functions.has(name) || family.test(name)

/** Words that are values. */
export const constants = set(`
  null true false current_date current_time current_timestamp localtime localtimestamp sysdate
  systimestamp utc_date utc_time utc_timestamp current_user session_user system_user rownum unknown
`)

/** Whether a word is a value that tells who is connected, and when. */
export const tellsOfSession = (word: string): boolean =>
  constants.has(word) && /_(?:user|date|time|timestamp)$/.test(word)

/** Words that come before an operand. */
export const prefixes = set(`
  not binary distinct all any some exists interval prior distinctrow array match
`)

const starting = set(`
  select insert update delete drop create alter truncate declare merge grant
`)

/** Whether a statement begins with it that SQL Server takes without a semicolon before it. */
export const startsStatement = (word: string): boolean => starting.has(word)

/** Words that are never an operand or an alias. */
export const reserved = set(`
  and or xor union except intersect minus select from where having order group limit offset fetch
  procedure into like rlike regexp ilike between in is not as join on using when then else end
  case div mod by asc desc collate values set escape inner outer left right cross natural with for
  returning notnull isnull waitfor exec execute declare
`)
