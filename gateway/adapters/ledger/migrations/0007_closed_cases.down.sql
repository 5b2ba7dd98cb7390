DROP TABLE closed_cases;
