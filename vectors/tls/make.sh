#!/bin/sh
# Makes the certificates of this folder anew, with the openssl command line alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
made=$(mktemp -d)
trap 'rm -r "$made"' EXIT
cd "$made"

cat > ca.cnf <<END
[ca]
default_ca = all
[all]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
default_startdate = 20200101000000Z
default_enddate = 21200101000000Z
unique_subject = no
policy = any
[any]
commonName = supplied
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[server]
basicConstraints = critical, CA:false
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
[client]
basicConstraints = critical, CA:false
extendedKeyUsage = clientAuth
subjectAltName = DNS:edge.example
[req]
distinguished_name = name
[name]
END
: > index.txt

request() { # NAME: a key and a request in its name
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
    openssl req -new -config ca.cnf -key "$1.key" -subj "/CN=$1" -out "$1.csr"
}

sign() { # NAME KIND ROOT
    openssl ca -batch -notext -config ca.cnf -extensions "$2" -in "$1.csr" -out "$1.pem" \
        -keyfile "$3.key" -cert "$3.pem"
}

for root in root clients stranger-root; do
    request "$root"
    openssl ca -batch -notext -selfsign -config ca.cnf -extensions root \
        -in "$root.csr" -out "$root.pem" -keyfile "$root.key"
done
request server && sign server server root
request client && sign client client clients
request stranger && sign stranger client stranger-root

cp root.pem clients.pem server.pem server.key client.pem client.key stranger.pem stranger.key "$here"
