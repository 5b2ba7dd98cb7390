DROP TABLE directory_publications;
DROP TABLE directory_agencies;
DROP TABLE directory_versions;
