#!/bin/sh
# Prints certificates.hpp, with new keys and certificates: ./make_certificates.sh > certificates.hpp
# All are valid from 1970 to 9999, in worlds of any time, except the one until 1971 and the one from
# 2040.
set -eu
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cd "$folder"

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }
start=19700101000000Z
# sign NAME SUBJECT EXTENSIONS END AUTHORITY: signs a certificate for NAME.key, valid from $start.
sign() {
  openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
  echo "$3" | tr ';' '\n' > extensions
  : > index.txt
  openssl ca -batch -notext -config ca.conf -extfile extensions -startdate $start \
    -enddate "$4" -in "$1.csr" -out "$1.crt" $5 2>/dev/null
}
print() {
  echo
  echo "inline constexpr const char* $2 ="
  sed 's/.*/    "&\\n"/; $s/$/;/' "$1"
}

cat > ca.conf <<'CONF'
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
CONF
names="subjectAltName=DNS:server,DNS:localhost,IP:127.0.0.1"
ever=99991231235959Z
key authority
ca="basicConstraints=critical,CA:true"
sign authority "Test authority" $ca $ever "-selfsign -keyfile authority.key"
by="-cert authority.crt -keyfile authority.key"
key server
sign server server "$names" $ever "$by"
cp server.key old.key
sign old server "$names" 19710101000000Z "$by"
cp server.key young.key
start=20400101000000Z
sign young server "$names" $ever "$by"
start=19700101000000Z
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null
sign rsa server "$names" $ever "$by"
key client
sign client client "keyUsage=digitalSignature" $ever "$by"
key middle
sign middle "Test middle authority" $ca $ever "$by"
cp server.key below.key
sign below server "$names" $ever "-cert middle.crt -keyfile middle.key"
cat below.crt middle.crt > chain.crt
key stranger
sign stranger "Another authority" $ca $ever "-selfsign -keyfile stranger.key"
openssl pkey -in server.key -aes128 -passout pass:secret -out locked.key

cat <<'HEAD'
// Certificates and keys of tests, printed by make_certificates.sh. The keys are published here:
// they protect nothing.
#pragma once

namespace rehearsal::tls {
HEAD
print authority.crt authority_certificate
print stranger.crt stranger_certificate
print server.crt server_certificate
print server.key server_key
print old.crt old_certificate
print young.crt young_certificate
print chain.crt chain_certificates
print rsa.crt rsa_certificate
print rsa.key rsa_key
print client.crt client_certificate
print client.key client_key
print locked.key locked_key
echo
echo "}  // namespace rehearsal::tls"
